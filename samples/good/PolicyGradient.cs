// Proximal policy optimization on a bandit: the ratio of probabilities is an exponential of a difference, and the objective clips it.
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

set_num_threads(1);
random.manual_seed(1);
Sequential policy = Sequential(Linear(8, 32), Tanh(), Linear(32, 4));
var optimizer = torch.optim.Adam(policy.parameters(), 3e-3, weight_decay: 1e-5);
var schedule = torch.optim.lr_scheduler.StepLR(optimizer, 100, 0.5);
Tensor rewards = randn(8, 4);
double before = Regret();
for (int round = 0; round < 40; round++)
{
    using var scope = NewDisposeScope();
    Tensor states = randn(128, 8);
    Tensor actions, old, advantages;
    using (no_grad())
    {
        Tensor known = policy.call(states).log_softmax(1);
        actions = known.exp().multinomial(1);
        old = known.gather(1, actions);
        Tensor earned = states.mm(rewards).gather(1, actions);
        advantages = (earned - earned.mean()) / (earned.std() + 1e-8);
    }

    for (int epoch = 0; epoch < 4; epoch++)
    {
        optimizer.zero_grad();
        Tensor ratio = (policy.call(states).log_softmax(1).gather(1, actions) - old).exp();
        Tensor loss = -torch.min(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages).mean();
        loss.backward();
        if (double.IsFinite(torch.nn.utils.clip_grad_norm_(policy.parameters(), 0.5)))
        {
            optimizer.step();
        }
    }

    schedule.step();
}

Console.WriteLine("regret over that before training: " + (Regret() / before).ToString(CultureInfo.InvariantCulture));

// What is earned less than by the best actions, on average.
double Regret()
{
    using var scope = NewDisposeScope();
    using var fixedWeights = no_grad();
    Tensor states = randn(1024, 8);
    Tensor earned = states.mm(rewards);
    return (earned.max(1).values - (policy.call(states).softmax(1) * earned).sum(1)).mean().ToDouble();
}
