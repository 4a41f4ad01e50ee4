using System.Globalization;
using Google.Protobuf;

namespace Warden.Spec.Capture.Replay;

/// <summary>
/// What the server of the replay calls the things that the recorded server had other names for: handles, ids, addresses, paths, jobs
/// and ports; and the variables of a transcript, such as <c>$H1</c>.
/// </summary>
internal sealed class LearntNames
{
    private readonly TextReplacer _texts = new();
    private readonly Dictionary<ByteString, ByteString> _handles = [];
    private readonly HashSet<ByteString> _created = [];
    private readonly Dictionary<(ByteString Handle, string Field), (ByteString Recorded, ByteString Now)> _ofContainers = [];
    private readonly Dictionary<ulong, ulong> _jobs = [];
    private readonly HashSet<ulong> _started = [];
    private readonly Dictionary<ulong, ulong> _ports = [];
    private readonly Dictionary<string, ByteString> _variables = new(StringComparer.Ordinal);

    /// <summary>A text as the server would now say it.</summary>
    public byte[] Text(ReadOnlySpan<byte> recorded) => _texts.Replace(recorded);

    /// <summary>Replaces names in a text that comes in pieces.</summary>
    public byte[] Text(ReadOnlySpan<byte> recorded, byte? previous, bool isLast, out int taken) =>
        _texts.Replace(recorded, previous, isLast, out taken);

    /// <summary>The handle of a container now.</summary>
    public ByteString Handle(ByteString recorded) =>
        _handles.TryGetValue(recorded, out var now) ? now : ByteString.CopyFrom(Text(recorded.Span));

    /// <summary>Whether a container of this handle was created by the replay.</summary>
    public bool IsCreated(ByteString now) => _created.Contains(now);

    /// <summary>A container was created.</summary>
    /// <param name="recorded">Its handle in the transcript, or null where that has a variable.</param>
    /// <param name="now">Its handle.</param>
    public void LearnHandle(ByteString? recorded, ByteString now)
    {
        _created.Add(now);
        foreach (var key in _ofContainers.Keys.Where(key => key.Handle == now).ToList())
        {
            _ofContainers.Remove(key);
        }

        if (recorded is not null)
        {
            _handles[recorded] = now;
            _texts.Add(recorded, now);
        }
    }

    /// <summary>
    /// A container told an address or a path of its own. False when it told another before, and the recorded one had not changed.
    /// </summary>
    public bool LearnOfContainer(ByteString handle, string field, ByteString recorded, ByteString now)
    {
        if (_ofContainers.TryGetValue((handle, field), out var before) && before.Recorded == recorded && before.Now != now)
        {
            return false;
        }

        _ofContainers[(handle, field)] = (recorded, now);
        _texts.Add(recorded, now);
        return true;
    }

    /// <summary>A text is called something else now.</summary>
    public void LearnText(ByteString recorded, ByteString now) => _texts.Add(recorded, now);

    /// <summary>A job was started.</summary>
    /// <param name="recorded">Its id in the transcript, or null where that has a variable.</param>
    /// <param name="now">Its id.</param>
    public void LearnJob(ulong? recorded, ulong now)
    {
        _started.Add(now);
        if (recorded is { } id)
        {
            _jobs[id] = now;
        }
    }

    /// <summary>The id of a job now.</summary>
    public ulong Job(ulong recorded) => _jobs.GetValueOrDefault(recorded, recorded);

    /// <summary>Whether the transcript tells of the start of a job.</summary>
    public bool KnowsJob(ulong recorded) => _jobs.ContainsKey(recorded);

    /// <summary>Whether the replay started the job of an id.</summary>
    public bool IsStarted(ulong now) => _started.Contains(now);

    /// <summary>A port was chosen.</summary>
    public void LearnPort(ulong recorded, ulong now)
    {
        _ports[recorded] = now;
        _texts.Add(Digits(recorded), Digits(now));
    }

    /// <summary>The number of a port now.</summary>
    public ulong Port(ulong recorded) => _ports.GetValueOrDefault(recorded, recorded);

    /// <summary>What a variable stands for; null before its first appearance.</summary>
    public ByteString? Variable(string name) => _variables.GetValueOrDefault(name);

    /// <summary>A variable appeared for the first time, or means something else in each answer, as <c>$PORT</c> does.</summary>
    public void LearnVariable(string name, ByteString now) => _variables[name] = now;

    /// <summary>A variable will be learnt anew.</summary>
    public void ForgetVariable(string name) => _variables.Remove(name);

    private static ByteString Digits(ulong number) => ByteString.CopyFromUtf8(number.ToString(CultureInfo.InvariantCulture));
}
