using System;
using System.Collections.Concurrent;
using System.Collections.Generic;

namespace GradLint.Modeling;

/// <summary>
/// One value for each key, computed when it is first asked for, and once even where several rules ask at the same time. A computation that is
/// cancelled is begun anew by whoever asks next.
/// </summary>
internal sealed class Memo<TKey, TValue>(IEqualityComparer<TKey> comparer)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Slot> _slots = new(comparer);

    public TValue Get(TKey key, Func<TValue> compute)
    {
        Slot slot = _slots.GetOrAdd(key, static _ => new Slot());
        lock (slot)
        {
            if (!slot.IsComputed)
            {
                slot.Value = compute();
                slot.IsComputed = true;
            }

            return slot.Value!;
        }
    }

    private sealed class Slot
    {
        public bool IsComputed { get; set; }

        public TValue? Value { get; set; }
    }
}
