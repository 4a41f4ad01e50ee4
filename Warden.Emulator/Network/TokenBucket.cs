using Warden.Spec.Backend;

namespace Warden.Emulator.Network;

/// <summary>
/// A token bucket (tc-tbf(8)): full at first, refilled at the rate, never over the burst. What is sent takes its tokens at once and waits
/// until they are paid, so senders leave in the order in which they came.
/// </summary>
internal sealed class TokenBucket
{
    private const int LargestStep = 64 * 1024;
    private const int SmallestStep = 1500;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly double _rate;
    private readonly double _burst;
    private double _tokens;
    private long _filled;

    public TokenBucket(TimeProvider time, BandwidthLimit limit)
    {
        _time = time;
        _rate = Math.Max(1, limit.Rate);
        _burst = limit.Burst;
        _tokens = _burst;
        _filled = time.GetTimestamp();
    }

    /// <summary>How many bytes go through at a time: small enough that a slow link trickles, large enough that a fast one is cheap.</summary>
    public int Step => (int)Math.Clamp(_rate / 20, SmallestStep, LargestStep);

    /// <summary>Completes when the bytes may leave.</summary>
    public async ValueTask PassAsync(int bytes, CancellationToken cancellationToken)
    {
        long start;
        TimeSpan wait;
        lock (_gate)
        {
            start = _time.GetTimestamp();
            _tokens = Math.Min(_burst, _tokens + (_time.GetElapsedTime(_filled, start).TotalSeconds * _rate)) - bytes;
            _filled = start;
            if (_tokens >= 0)
            {
                return;
            }
            wait = TimeSpan.FromSeconds(Math.Min(-_tokens / _rate, TimeSpan.FromDays(365).TotalSeconds));
        }
        // A timer may fire early by the fraction of a millisecond that it cannot express.
        while (wait - _time.GetElapsedTime(start) is { Ticks: > 0 } rest)
        {
            var delay = TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(rest.TotalMilliseconds), int.MaxValue - 1));
            await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
        }
    }
}
