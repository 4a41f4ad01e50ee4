using Warden.Spec.Protocol;

namespace Warden.Spec.Clauses;

/// <summary>Collects the clauses of one feature.</summary>
internal sealed class ClauseTable(string feature)
{
    /// <summary>The type Stream; its own name is also that of System.IO.Stream, which every file imports.</summary>
    public const Message.Types.Type StreamJob = Message.Types.Type.Stream;

    private readonly List<Clause> _clauses = [];

    public IReadOnlyList<Clause> Clauses => _clauses;

    public ClauseTable Must(int number, string section, string sentence, params Message.Types.Type[] commands) =>
        Add(ClauseLevel.Must, number, section, sentence, ClauseNeeds.None, commands);

    public ClauseTable Should(int number, string section, string sentence, params Message.Types.Type[] commands) =>
        Add(ClauseLevel.Should, number, section, sentence, ClauseNeeds.None, commands);

    public ClauseTable Must(int number, string section, string sentence, ClauseNeeds needs, params Message.Types.Type[] commands) =>
        Add(ClauseLevel.Must, number, section, sentence, needs, commands);

    private ClauseTable Add(
        ClauseLevel level, int number, string section, string sentence, ClauseNeeds needs, Message.Types.Type[] commands)
    {
        _clauses.Add(new Clause($"WRD-{feature}-{number:D3}", level, sentence, section, new ClauseScope(needs, commands)));
        return this;
    }
}
