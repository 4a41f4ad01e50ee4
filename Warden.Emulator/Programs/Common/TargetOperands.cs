using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>The operands of cp, mv, ln and install: SOURCE TARGET, or SOURCE… DIRECTORY, or -t DIRECTORY SOURCE….</summary>
internal static class TargetOperands
{
    /// <summary>Pairs each source with its target. With <paramref name="followTarget"/> a symbolic link to a directory is that directory.</summary>
    public static List<(string Source, string Target)> Resolve(Invocation c, OptionSet options, bool followTarget = true)
    {
        var operands = options.Operands;
        var noDirectory = options.Has("T");
        var directory = options.Last("t");
        if (operands.Count == 0)
        {
            throw c.Usage("missing file operand");
        }
        if (directory is null && operands.Count == 1)
        {
            throw c.Usage($"missing destination file operand after {Quote.Always(operands[0])}");
        }
        if (noDirectory)
        {
            return operands.Count == 2 ? [(operands[0], operands[1])] : throw c.ExtraOperand(operands[2]);
        }
        var sources = operands;
        if (directory is null)
        {
            var last = operands[^1];
            var isDirectory = followTarget
                ? FilePath.IsDirectory(c.Process, last)
                : FilePath.TryLinkStat(c.Process, last)?.Kind == FileKind.Directory;
            if (operands.Count == 2 && !isDirectory)
            {
                return [(operands[0], last)];
            }
            directory = last;
            sources = operands[..^1];
        }
        try
        {
            if (c.Process.Stat(directory).Kind != FileKind.Directory)
            {
                throw new ErrnoException(Errno.ENOTDIR);
            }
        }
        catch (ErrnoException failure)
        {
            throw c.Die($"target {(options.Has("t") ? "directory " : "")}{Quote.Always(directory)}: {failure.Message}");
        }
        return [.. sources.Select(s => (s, FilePath.Join(directory, FilePath.BaseName(s))))];
    }
}
