using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Shell.Execution;

/// <summary>The operators of test and [[ ]].</summary>
internal static class TestOperators
{
    private const string UnaryLetters = "abcdefghknoprstuvwxzGLNORS";

    public static bool IsUnary(string text) => text.Length == 2 && text[0] == '-' && UnaryLetters.Contains(text[1]);

    public static bool IsBinary(string text) =>
        text is "=" or "==" or "!=" or "<" or ">" or "-eq" or "-ne" or "-lt" or "-le" or "-gt" or "-ge" or "-nt" or "-ot" or "-ef";

    public static bool Compare(string operation, long left, long right) => operation switch
    {
        "-eq" => left == right,
        "-ne" => left != right,
        "-lt" => left < right,
        "-le" => left <= right,
        "-gt" => left > right,
        _ => left >= right,
    };

    public static bool Unary(Interpreter shell, string operation, string operand)
    {
        switch (operation[1])
        {
            case 'z':
                return operand.Length == 0;
            case 'n':
                return operand.Length > 0;
            case 'o':
                return shell.Options[operand];
            case 'v':
                return IsSet(shell, operand);
            case 'R':
                return shell.Variables.FindRaw(operand)?.Has(VariableAttributes.NameReference) == true;
            case 't':
                return int.TryParse(operand, out var fd) && shell.Process.TryGetFile(fd, out var file) && file.IsTerminal;
            case 'r':
                return shell.Process.CanAccess(operand, read: true);
            case 'w':
                return shell.Process.CanAccess(operand, write: true);
            case 'x':
                return shell.Process.CanAccess(operand, execute: true);
            case 'h' or 'L':
                return Status(shell, operand, follow: false)?.Kind == FileKind.SymbolicLink;
        }

        return Status(shell, operand, follow: true) is { } status && operation[1] switch
        {
            'a' or 'e' => true,
            'b' => status.Kind == FileKind.BlockDevice,
            'c' => status.Kind == FileKind.CharacterDevice,
            'd' => status.Kind == FileKind.Directory,
            'f' => status.Kind == FileKind.Regular,
            'p' => status.Kind == FileKind.Fifo,
            'S' => status.Kind == FileKind.Socket,
            's' => status.Size > 0,
            'g' => (status.Mode & 0x400) != 0,
            'u' => (status.Mode & 0x800) != 0,
            'k' => (status.Mode & 0x200) != 0,
            'G' => status.GroupId == shell.Process.PrimaryGroupId,
            'O' => status.UserId == shell.Process.UserId,
            _ => status.Modified > status.Accessed,
        };
    }

    /// <summary>The operators on strings and files; those on numbers are <see cref="Compare"/>'s.</summary>
    public static bool Binary(Interpreter shell, string left, string operation, string right)
    {
        switch (operation)
        {
            case "=" or "==":
                return left == right;
            case "!=":
                return left != right;
            case "<":
                return string.CompareOrdinal(left, right) < 0;
            case ">":
                return string.CompareOrdinal(left, right) > 0;
        }

        var a = Status(shell, left, follow: true);
        var b = Status(shell, right, follow: true);
        return operation switch
        {
            "-nt" => a is not null && (b is null || a.Modified > b.Modified),
            "-ot" => b is not null && (a is null || a.Modified < b.Modified),
            _ => a is not null && b is not null && a.Inode == b.Inode && a.Device == b.Device,
        };
    }

    private static bool IsSet(Interpreter shell, string name)
    {
        var bracket = name.IndexOf('[', StringComparison.Ordinal);
        if (bracket > 0 && name.EndsWith(']'))
        {
            var subscript = name[(bracket + 1)..^1];
            return shell.FindArray(name[..bracket]) is { } variable
                && (subscript is "@" or "*" ? variable.Elements().Any() : shell.Variables.GetElement(variable, subscript.Trim('"', '\'')) is not null);
        }

        return name.Length > 0 && (Syntax.Names.IsName(name) || name.All(char.IsAsciiDigit)) && shell.GetParameter(name) is not null;
    }

    private static FileStatus? Status(Interpreter shell, string path, bool follow)
    {
        if (path.Length == 0)
        {
            return null;
        }

        try
        {
            // The descriptors' paths are the shell's own, whatever the file system has there.
            if (follow && path.StartsWith("/dev/fd/", StringComparison.Ordinal) && int.TryParse(path.AsSpan(8), out var fd))
            {
                return shell.Process.GetFile(fd).Status;
            }

            return follow ? shell.Process.Stat(path) : shell.Process.LinkStat(path);
        }
        catch (ErrnoException)
        {
            return null;
        }
    }
}
