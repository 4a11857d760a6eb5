using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>
/// What makes the gradient of one network grow or shrink, found once for all rules about gradient flow. Here, and only here, is decided which of them speaks
/// where several could: one cause is one diagnostic, and a line has at most one.
/// <list type="number">
/// <item>What is written in a call speaks first: recurrent weights (GL1010), a slope above 1 (GL1005), an oversized initializer (GL1003), one for another activation (GL1004).</item>
/// <item>The rules about the structure judge the network in which these are repaired: what then is still there has a cause of its own.</item>
/// <item>In residual branches GL1006 speaks (GL1003 only where the weights would be too large in a plain stack as well, GL1004 not at all), in stacks of saturating activations GL1009, in deep normalized networks GL1007, in other stacks GL1001.</item>
/// <item>GL1002 names the cure for rectifiers at their default weights, so it stands beside GL1001: that points at the stack, this at the network. The cause is one, so where GL1002 only advises, GL1001 does too.</item>
/// <item>GL1008 speaks of structure alone, where no number is bad.</item>
/// <item>On one line the more serious finding stays, and among equals the first of this list.</item>
/// </list>
/// </summary>
internal sealed class FlowDiagnosis
{
    private static readonly ConditionalWeakTable<NetworkModel, ConditionalWeakTable<AnalyzerConfigOptions, Lazy<FlowDiagnosis>>> s_ofModel = new();

    private readonly List<FlowFinding> _findings = [];

    private FlowDiagnosis(NetworkModel model, AnalyzerConfigOptions options)
    {
        if (model.Gap is not null || model.Graph is null)
        {
            return;
        }

        RecurrentInitialization[] unstable = [.. RecurrentInitialization.FindAll(model, RuleOptions.GL1010Steps.In(options), RuleOptions.GL1010Decades.In(options))];
        _findings.AddRange(unstable);
        if (model.Flow is not null)
        {
            JudgeStack(model, unstable.Aggregate(model.Graph, (graph, finding) => finding.Repair(graph)), options);
        }

        KeepOnePerLine();
    }

    /// <summary>Lazy, because rules that ask at the same time would each compute it: the table calls for a value on every thread that finds none.</summary>
    public static FlowDiagnosis Of(NetworkModel model, AnalyzerConfigOptions options) =>
        s_ofModel.GetOrCreateValue(model).GetValue(options, key => new Lazy<FlowDiagnosis>(() => new FlowDiagnosis(model, key))).Value;

    /// <summary>What one of the rules has to say.</summary>
    public IEnumerable<T> Findings<T>()
        where T : FlowFinding => _findings.OfType<T>();

    private void JudgeStack(NetworkModel model, NetworkGraph graph, AnalyzerConfigOptions options)
    {
        NetworkGraph sloped = NegativeSlope.Repair(graph, RuleOptions.GL1005Slope.In(options));
        GradientFlow slopedFlow = sloped == model.Graph ? model.Flow! : model.Predict(sloped);
        var skips = new SkipStructure(sloped);
        NetworkGraph repaired = sloped;
        foreach (InitializerCall call in InitializerCall.In(model, model.Flow!))
        {
            FlowFinding? finding = OversizedInitialization.Find(call, RuleOptions.GL1003Decades.In(options));
            finding ??= skips.Bypass(call.Layers.Select(layer => layer.Name)) ? null
                : MismatchedInitialization.Find(call, sloped, slopedFlow, RuleOptions.GL1004Decades.In(options));
            if (finding is not null)
            {
                _findings.Add(finding);
                repaired = call.Repair(repaired);
            }
        }

        JudgeStructure(new Network(model, repaired, repaired == sloped ? slopedFlow : model.Predict(repaired), skips), options);
    }

    private void JudgeStructure(Network network, AnalyzerConfigOptions options)
    {
        Add(ExplodingResiduals.Find(network, RuleOptions.GL1006Decades.In(options)));
        SaturatingStack[] saturating =
            [.. SaturatingStack.FindAll(network, RuleOptions.GL1009Decades.In(options), RuleOptions.GL1009AdviceDecades.In(options))];
        Add(saturating.OrderBy(stack => stack.Growth).FirstOrDefault());
        Add(NormalizedWithoutSkips.Find(network, RuleOptions.GL1007Decades.In(options)));
        RectifiersAtDefaults? defaults = RectifiersAtDefaults.Find(network, RuleOptions.GL1002Decades.In(options), RuleOptions.GL1002AdviceDecades.In(options));
        Add(defaults);
        foreach (DeepStack stack in DeepStack.FindAll(network, options).Where(stack => !Array.Exists(saturating, other => other.Overlaps(stack))))
        {
            Add(defaults is { Level: RuleLevel.Advice } ? stack with { Level = RuleLevel.Advice } : stack);
        }

        if (!_findings.Exists(finding => finding.Location == network.Model.Location || finding is DeepStack))
        {
            Add(SkiplessStack.Find(network, RuleOptions.GL1008Layers.In(options)));
        }
    }

    private void Add(FlowFinding? finding)
    {
        if (finding is not null)
        {
            _findings.Add(finding);
        }
    }

    private void KeepOnePerLine()
    {
        // OrderBy keeps the order of equals, which is that of precedence.
        var kept = new HashSet<FlowFinding>(_findings.GroupBy(finding => ModelPlaces.LineOf(finding.Location)).Select(line => line.OrderByDescending(finding => finding.Level).First()));
        _findings.RemoveAll(finding => !kept.Contains(finding));
    }
}
