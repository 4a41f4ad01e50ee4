using Warden.Spec.Backend;

namespace Warden.Spec.Containers;

/// <summary>What the container may reach in the network.</summary>
internal sealed partial class Container
{
    private List<NetOutRule>? _rules;

    // Commands that change limits and rules run one at a time, so that what is kept is what is in force.
    private SemaphoreSlim? _gate;

    private SemaphoreSlim Gate => LazyInitializer.EnsureInitialized(ref _gate, static () => new SemaphoreSlim(1, 1));

    /// <summary>Opens what a rule says.</summary>
    public async ValueTask OpenAsync(NetOutRule rule, CancellationToken cancellationToken)
    {
        await Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Backend.OpenAsync(rule, _environment.Lifetime).ConfigureAwait(false);
            lock (_lock)
            {
                (_rules ??= []).Add(rule);
                _isChanged = true;
            }
        }
        finally
        {
            Gate.Release();
        }
    }
}
