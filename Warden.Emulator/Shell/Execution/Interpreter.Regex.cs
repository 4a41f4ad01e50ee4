using System.Text.RegularExpressions;
using Warden.Emulator.Programs.Text;

namespace Warden.Emulator.Shell.Execution;

/// <summary>The expressions that =~ compiled last.</summary>
internal sealed partial class Interpreter
{
    private const int KeptExpressions = 16;
    private readonly Dictionary<(string Pattern, bool IgnoreCase), Regex> _expressions = [];

    public Regex CompileRegex(string pattern)
    {
        var key = (pattern, Options.NoCaseMatch);
        if (!_expressions.TryGetValue(key, out var regex))
        {
            if (_expressions.Count >= KeptExpressions)
            {
                _expressions.Clear();
            }

            regex = PosixRegex.Compile(pattern, extended: true, Options.NoCaseMatch);
            _expressions[key] = regex;
        }

        return regex;
    }
}
