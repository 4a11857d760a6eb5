using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Text;

namespace GradLint.SignalPropagation;

/// <summary>
/// Writes and reads the descriptions of layers, initializers and activations by their shape: constructor parameters first, then properties that can
/// be set, both as <c>name: value</c>, left out where they have their default. A new record needs no code here.
/// </summary>
internal static class RecordText
{
    private const string LayerSuffix = "Layer";

    // A pair of sizes that reads better with an arrow: 784 -> 128.
    private static readonly Dictionary<string, string> s_arrows = new()
    {
        ["InFeatures"] = "OutFeatures",
        ["InChannels"] = "OutChannels",
        ["InputSize"] = "HiddenSize",
    };

    private static readonly Dictionary<Type, Dictionary<string, Type>> s_families = new[] { typeof(Layer), typeof(Initializer), typeof(Activation) }
        .ToDictionary(family => family, family => typeof(RecordText).Assembly.GetTypes()
            .Where(type => family.IsAssignableFrom(type) && !type.IsAbstract)
            .ToDictionary(NameOf, type => type, StringComparer.OrdinalIgnoreCase));

    /// <summary>Writes a record.</summary>
    public static string Write(object record, string? name = null)
    {
        StringBuilder text = new(name ?? NameOf(record.GetType()));
        List<string> arguments = Arguments(record).ToList();
        if (arguments.Count > 0)
        {
            text.Append('(').Append(string.Join(", ", arguments)).Append(')');
        }

        return text.ToString();
    }

    private static IEnumerable<string> Arguments(object record)
    {
        ConstructorInfo constructor = PrimaryConstructor(record.GetType());
        ParameterInfo[] parameters = constructor.GetParameters();
        object?[] values = parameters.Select(parameter => record.GetType().GetProperty(parameter.Name)!.GetValue(record)).ToArray();
        bool[] written = new bool[parameters.Length];
        for (int i = 0; i < parameters.Length; i++)
        {
            if (s_arrows.TryGetValue(parameters[i].Name, out string? target) && i + 1 < parameters.Length && parameters[i + 1].Name == target)
            {
                yield return $"{Value(values[i])} -> {Value(values[i + 1])}";
                i++;
            }
            else if (!parameters[i].HasDefaultValue || !Equals(values[i], DefaultOf(parameters[i])))
            {
                yield return parameters.Length == 1 && values[i] is not string ? Value(values[i]) : $"{CamelCase(parameters[i].Name)}: {Value(values[i])}";
            }
        }

        object fresh = constructor.Invoke(values);
        foreach (PropertyInfo property in SettableProperties(record.GetType(), parameters))
        {
            object? value = property.GetValue(record);
            if (!Equals(value, property.GetValue(fresh)))
            {
                yield return $"{CamelCase(property.Name)}: {Value(value)}";
            }
        }
    }

    private static string Value(object? value) => value switch
    {
        null => "?",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        string words => "\"" + words.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n") + "\"",
        IEnumerable list => "[" + string.Join(", ", list.Cast<object?>().Select(Value)) + "]",
        Enum or IFormattable => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        _ => Write(value),
    };

    private static string NameOf(Type type) =>
        typeof(Layer).IsAssignableFrom(type) && type.Name.EndsWith(LayerSuffix, StringComparison.Ordinal)
            ? type.Name.Substring(0, type.Name.Length - LayerSuffix.Length)
            : type.Name;

    private static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name.Substring(1);

    private static ConstructorInfo PrimaryConstructor(Type type) =>
        type.GetConstructors().OrderByDescending(constructor => constructor.GetParameters().Length).First();

    private static IEnumerable<PropertyInfo> SettableProperties(Type type, ParameterInfo[] parameters) =>
        type.GetProperties()
            .Where(property => property.CanWrite && parameters.All(parameter => parameter.Name != property.Name))
            .OrderByDescending(property => property.Name == nameof(WeightLayer.Weight)).ThenBy(property => property.Name, StringComparer.Ordinal);

    private static object? DefaultOf(ParameterInfo parameter) =>
        parameter.DefaultValue is { } value && parameter.ParameterType.IsEnum ? Enum.ToObject(parameter.ParameterType, value) : parameter.DefaultValue;

    /// <summary>Reads records out of a line.</summary>
    internal sealed class Reader
    {
        private readonly string _text;

        /// <summary>Starts at a position of the line.</summary>
        public Reader(string text, int position)
        {
            _text = text;
            Position = position;
        }

        /// <summary>Where the next character will be read.</summary>
        public int Position { get; private set; }

        /// <summary>Reads a value of the type, or null for "?".</summary>
        public object? Read(Type type)
        {
            SkipSpace();
            if (TryTake("?"))
            {
                return null;
            }

            Type plain = Nullable.GetUnderlyingType(type) ?? type;
            return s_families.TryGetValue(plain, out Dictionary<string, Type>? family) ? ReadRecord(family)
                : plain == typeof(string) ? ReadString()
                : plain.IsGenericType ? ReadList(plain.GetGenericArguments()[0])
                : ReadScalar(plain);
        }

        private object ReadRecord(Dictionary<string, Type> family)
        {
            string name = ReadWord();
            if (!family.TryGetValue(name, out Type? type))
            {
                throw new FormatException($"there is no \"{name}\"; known are {string.Join(", ", family.Keys.OrderBy(key => key, StringComparer.Ordinal))};");
            }

            ConstructorInfo constructor = PrimaryConstructor(type);
            ParameterInfo[] parameters = constructor.GetParameters();
            Dictionary<string, object?> named = ReadArguments(type, parameters);
            object?[] values = parameters.Select(parameter =>
                named.TryGetValue(parameter.Name, out object? value) ? value
                : parameter.HasDefaultValue ? DefaultOf(parameter)
                : throw new FormatException($"{name} needs {CamelCase(parameter.Name)}")).ToArray();
            object record = constructor.Invoke(values);
            foreach (PropertyInfo property in SettableProperties(type, parameters))
            {
                if (named.TryGetValue(property.Name, out object? value))
                {
                    property.SetValue(record, value);
                }
            }

            return record;
        }

        private Dictionary<string, object?> ReadArguments(Type type, ParameterInfo[] parameters)
        {
            Dictionary<string, object?> named = new();
            if (!TryTake("("))
            {
                return named;
            }

            int positional = 0;
            while (!TryTake(")"))
            {
                PropertyInfo? property = TryReadName(type);
                ParameterInfo? parameter = property is null && positional < parameters.Length ? parameters[positional] : null;
                string name = property?.Name ?? parameter?.Name ?? throw new FormatException($"unexpected argument {positional + 1}");
                named[name] = Read(property?.PropertyType ?? parameter!.ParameterType);
                positional++;
                SkipSpace();
                if (!TryTake("->") && !TryTake(",") && Peek() != ')')
                {
                    throw new FormatException($"expected , or ) at position {Position + 1}");
                }

                SkipSpace();
            }

            return named;
        }

        // "name:" where name is a property of the type; leaves the position alone otherwise.
        private PropertyInfo? TryReadName(Type type)
        {
            int start = Position;
            if (char.IsLetter(Peek()))
            {
                string word = ReadWord();
                SkipSpace();
                if (TryTake(":"))
                {
                    return type.GetProperties().FirstOrDefault(property => string.Equals(property.Name, word, StringComparison.OrdinalIgnoreCase))
                        ?? throw new FormatException($"there is no argument \"{word}\"");
                }
            }

            Position = start;
            return null;
        }

        private object ReadList(Type element)
        {
            IList list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element));
            Expect("[");
            SkipSpace();
            while (!TryTake("]"))
            {
                list.Add(Read(element));
                SkipSpace();
                if (!TryTake(",") && Peek() != ']')
                {
                    throw new FormatException($"expected , or ] at position {Position + 1}");
                }

                SkipSpace();
            }

            return list;
        }

        private string ReadString()
        {
            Expect("\"");
            StringBuilder words = new();
            while (!TryTake("\""))
            {
                char c = Next();
                c = c == '\\' ? Next() switch { 'n' => '\n', var escaped => escaped } : c;
                words.Append(c);
            }

            return words.ToString();
        }

        private object ReadScalar(Type type)
        {
            string word = ReadWord();
            try
            {
                return type.IsEnum ? Enum.Parse(type, word, ignoreCase: true) : Convert.ChangeType(word, type, CultureInfo.InvariantCulture);
            }
            catch (Exception error) when (error is FormatException or OverflowException or ArgumentException or InvalidCastException)
            {
                throw new FormatException($"\"{word}\" is not {(type.IsEnum ? "one of " + string.Join(", ", Enum.GetNames(type)) : "a number")}");
            }
        }

        private string ReadWord()
        {
            int start = Position;
            while (char.IsLetterOrDigit(Peek()) || Peek() == '.' || Peek() == '+' || (Peek() == '-' && _text[Math.Min(Position + 1, _text.Length - 1)] != '>'))
            {
                Position++;
            }

            return Position > start ? _text.Substring(start, Position - start) : throw new FormatException($"a word is missing at position {Position + 1}");
        }

        private void Expect(string token)
        {
            if (!TryTake(token))
            {
                throw new FormatException($"expected {token} at position {Position + 1}");
            }
        }

        private bool TryTake(string token)
        {
            bool there = string.CompareOrdinal(_text, Position, token, 0, token.Length) == 0;
            Position += there ? token.Length : 0;
            return there;
        }

        private char Peek() => Position < _text.Length ? _text[Position] : '\0';

        private char Next() => Position < _text.Length ? _text[Position++] : throw new FormatException("the line ends too early");

        private void SkipSpace()
        {
            while (char.IsWhiteSpace(Peek()))
            {
                Position++;
            }
        }
    }
}
