using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Faults;

/// <summary>
/// Makes a training go wrong at chosen steps, to see what becomes of it: how a guard with your options deals with a NaN, a spike or
/// a ruined weight in your own model. For tests and studies, not for training.
/// </summary>
/// <example><code>
/// var faults = new FaultInjector(model, optimizer, new Fault(FaultKind.Spike, FirstStep: 200, Steps: 10));
/// foreach (var (x, y) in batches)
/// {
///     optimizer.zero_grad();
///     var loss = criterion.forward(model.call(x), y);
///     loss.backward();
///     StepVerdict verdict = guard.Step(faults.Inject(loss));
/// }
/// </code></example>
public sealed class FaultInjector
{
    private readonly Parameter[] _parameters;
    private readonly optim.ILearningRateController[] _groups;
    private readonly Fault[] _faults;
    private readonly List<(optim.ILearningRateController Group, double Normal, double Raised)> _raised = [];
    private long _step;

    /// <summary>Prepares faults for a training.</summary>
    /// <param name="model">The model that is trained.</param>
    /// <param name="optimizer">The optimizer that trains it.</param>
    /// <param name="faults">What goes wrong, and when.</param>
    /// <exception cref="ArgumentException">A fault makes no sense, or the model has no parameters.</exception>
    public FaultInjector(nn.Module model, optim.Optimizer optimizer, params Fault[] faults)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(faults);
        foreach (Fault fault in faults)
        {
            fault.Validate(nameof(faults));
        }

        _parameters = [.. model.parameters()];
        _groups = [.. optimizer.ParamGroups ?? []];
        _faults = faults;
        if (_parameters.Length == 0)
        {
            throw new ArgumentException($"{model.GetName()} has no parameters.", nameof(model));
        }
    }

    /// <summary>To be called once per step, after <c>backward()</c> and before the guard's or the optimizer's step.</summary>
    /// <param name="loss">The loss of this step.</param>
    /// <returns>The loss as the fault leaves it: the same tensor if nothing goes wrong with it.</returns>
    public Tensor Inject(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        using IDisposable noGradient = torch.no_grad();
        _step++;
        LowerLearningRates();
        foreach (Fault fault in _faults.Where(fault => fault.IsActiveIn(_step)))
        {
            loss = Inject(fault, loss);
        }

        return loss;
    }

    private Tensor Inject(Fault fault, Tensor loss)
    {
        switch (fault.Kind)
        {
            case FaultKind.NotANumber:
                SetOneGradientElement(double.NaN);
                return loss * double.NaN;
            case FaultKind.Infinity:
                SetOneGradientElement(double.PositiveInfinity);
                return loss;
            case FaultKind.Spike:
                ForEachGradient(gradient => gradient.mul_(fault.Factor));
                return loss * fault.Factor;
            case FaultKind.Overflow:
                ForEachGradient(gradient => gradient.fill_(torch.finfo(gradient.dtype).max));
                return loss;
            case FaultKind.CorruptWeight:
                CorruptOneWeight(fault.Factor);
                return loss;
            case FaultKind.LearningRate:
                RaiseLearningRates(fault.Factor);
                return loss;
            default:
                throw new InvalidOperationException($"{fault.Kind} is no kind of fault.");
        }
    }

    private void CorruptOneWeight(double factor)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // A view of the parameter, so that the parameter itself changes.
        Tensor element = _parameters[_parameters.Length / 2].flatten()[0];
        _ = element.copy_((element.abs() + 1) * factor);
    }

    private void SetOneGradientElement(double value)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // The first parameter's gradient is the last that a backward pass computes, so a bad value in it spoils nothing else.
        Tensor? gradient = _parameters.Select(parameter => parameter.grad).FirstOrDefault(gradient => gradient is not null);
        _ = gradient?.flatten()[0].fill_(value);
    }

    private void ForEachGradient(Action<Tensor> change)
    {
        foreach (Parameter parameter in _parameters)
        {
            using Tensor? gradient = parameter.grad;
            if (gradient is not null)
            {
                change(gradient);
            }
        }
    }

    private void RaiseLearningRates(double factor)
    {
        foreach (optim.ILearningRateController group in _groups)
        {
            double normal = group.LearningRate;
            group.LearningRate *= factor;
            _raised.Add((group, normal, group.LearningRate));
        }
    }

    /// <summary>Unless a guard or a scheduler has set another rate in the meantime.</summary>
    private void LowerLearningRates()
    {
        foreach ((optim.ILearningRateController group, double normal, double raised) in _raised)
        {
            if (group.LearningRate == raised)
            {
                group.LearningRate = normal;
            }
        }

        _raised.Clear();
    }
}
