using System.Net;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Execution;

/// <summary>Redirections.</summary>
internal sealed partial class Interpreter
{
    /// <summary>Makes redirections in this process; false, reported, when one fails.</summary>
    public async ValueTask<bool> TryRedirectAsync(IReadOnlyList<Redirection> redirections, RedirectionUndo undo)
    {
        foreach (var redirection in redirections)
        {
            string? target = null;
            try
            {
                target = await ExpandTargetAsync(redirection);
                await RedirectAsync(redirection, target, undo);
            }
            catch (ErrnoException error)
            {
                await ReportAsync($"{Shown(redirection, target)}: {ErrnoException.Describe(error.Errno)}");
                return false;
            }
            catch (RedirectionException error)
            {
                await ReportAsync(error.Message);
                return false;
            }
        }

        return true;
    }

    private static string Shown(Redirection redirection, string? target) =>
        target is null ? redirection.Target.Source : redirection.Kind is RedirectionKind.HereDocument or RedirectionKind.HereString ? "here-document" : target;

    private async ValueTask<string> ExpandTargetAsync(Redirection redirection)
    {
        switch (redirection.Kind)
        {
            case RedirectionKind.HereDocument:
                return await Expander.ExpandQuotedAsync(redirection.Document ?? Word.Literal(""));
            case RedirectionKind.HereString:
                return await Expander.ExpandToStringAsync(redirection.Target) + "\n";
        }

        if (redirection.Target.Constant is { } constant)
        {
            return constant;
        }

        var fields = new List<string>();
        await Expander.ExpandWordAsync(redirection.Target, fields);
        return fields.Count == 1 ? fields[0] : throw new RedirectionException($"{redirection.Target.Source}: ambiguous redirect");
    }

    private async ValueTask RedirectAsync(Redirection redirection, string target, RedirectionUndo undo)
    {
        switch (redirection.Kind)
        {
            case RedirectionKind.DuplicateInput or RedirectionKind.DuplicateOutput:
                await DuplicateAsync(redirection, target, undo);
                return;
            case RedirectionKind.OutputAndError or RedirectionKind.AppendOutputAndError:
                var both = await OpenTargetAsync(redirection.Kind, target);
                Place(both, 1, undo);
                undo.Save(Process, 2);
                Process.DuplicateTo(1, 2);
                return;
            case RedirectionKind.HereDocument or RedirectionKind.HereString:
                var document = new DocumentFile(ByteText.ToBytes(target), Process.Clock.GetUtcNow());
                PlaceFor(redirection, Process.Install(document, lowest: 10), undo);
                return;
            default:
                PlaceFor(redirection, await OpenTargetAsync(redirection.Kind, target), undo);
                return;
        }
    }

    private void PlaceFor(Redirection redirection, int fd, RedirectionUndo undo)
    {
        if (redirection.Variable is { } variable)
        {
            var chosen = fd >= 10 ? fd : Process.Duplicate(fd, 10);
            if (chosen != fd)
            {
                Process.Close(fd);
            }

            SetVariable(variable, chosen.ToString());
            return;
        }

        Place(fd, redirection.Descriptor, undo);
    }

    private void Place(int fd, int target, RedirectionUndo undo)
    {
        if (fd == target)
        {
            // It was closed before, and is closed again afterwards.
            undo.NoteClosed(target);
            return;
        }

        try
        {
            undo.Save(Process, target);
            Process.DuplicateTo(fd, target);
        }
        finally
        {
            Process.Close(fd);
        }
    }

    private async ValueTask<int> OpenTargetAsync(RedirectionKind kind, string target)
    {
        if (target.StartsWith("/dev/", StringComparison.Ordinal) && await TryOpenSpecialAsync(target) is { } special)
        {
            return special;
        }

        switch (kind)
        {
            case RedirectionKind.Input:
                return await Process.OpenAsync(target, OpenFlags.Read);
            case RedirectionKind.ReadWrite:
                return await Process.OpenAsync(target, OpenFlags.Read | OpenFlags.Write | OpenFlags.Create);
            case RedirectionKind.Append or RedirectionKind.AppendOutputAndError:
                return await Process.OpenAsync(target, OpenFlags.Write | OpenFlags.Create | OpenFlags.Append);
            case RedirectionKind.Output when Options.NoClobber:
                return await OpenUnclobberedAsync(target);
            default:
                return await Process.OpenAsync(target, OpenFlags.Write | OpenFlags.Create | OpenFlags.Truncate);
        }
    }

    private async ValueTask<int> OpenUnclobberedAsync(string target)
    {
        try
        {
            if (Process.Stat(target).Kind == FileKind.Regular)
            {
                throw new RedirectionException($"{target}: cannot overwrite existing file");
            }

            return await Process.OpenAsync(target, OpenFlags.Write);
        }
        catch (ErrnoException error) when (error.Errno == Errno.ENOENT)
        {
            return await Process.OpenAsync(target, OpenFlags.Write | OpenFlags.Create | OpenFlags.Exclusive);
        }
    }

    private async ValueTask<int?> TryOpenSpecialAsync(string target)
    {
        var number = target switch
        {
            "/dev/stdin" => 0,
            "/dev/stdout" => 1,
            "/dev/stderr" => 2,
            _ => target.StartsWith("/dev/fd/", StringComparison.Ordinal) && int.TryParse(target.AsSpan(8), out var fd) ? fd : -1,
        };
        if (number >= 0)
        {
            return Process.Duplicate(number, 10);
        }

        var parts = target.Split('/');
        if (parts.Length != 5 || parts[2] is not ("tcp" or "udp"))
        {
            return null;
        }

        if (!ushort.TryParse(parts[4], out var port))
        {
            port = parts[4] switch { "http" => 80, "https" => 443, "ssh" => 22, "domain" => 53, "smtp" => 25, _ => 0 };
            if (port == 0)
            {
                throw new RedirectionException($"{parts[4]}: invalid service");
            }
        }

        if (Process.Container.Network.Resolve(Process, parts[3]) is not { } address)
        {
            await ReportAsync($"{parts[3]}: Name or service not known");
            throw new RedirectionException($"{target}: Invalid argument");
        }

        var remote = new IPEndPoint(address, port);
        try
        {
            if (parts[2] == "tcp")
            {
                return Process.Install(await Process.Container.Network.ConnectAsync(Process, remote), lowest: 10);
            }

            var local = new IPEndPoint(IPAddress.Any, 0);
            return Process.Install(new DatagramConnection(Process.Container.Network.Bind(Process, local), remote), lowest: 10);
        }
        catch (ErrnoException error)
        {
            await ReportAsync($"connect: {ErrnoException.Describe(error.Errno)}");
            throw;
        }
    }

    private async ValueTask DuplicateAsync(Redirection redirection, string target, RedirectionUndo undo)
    {
        if (target == "-")
        {
            if (redirection.Variable is { } name)
            {
                if (int.TryParse(GetParameter(name), out var open) && Process.TryGetFile(open, out _))
                {
                    Process.Close(open);
                }

                return;
            }

            undo.Save(Process, redirection.Descriptor);
            if (Process.TryGetFile(redirection.Descriptor, out _))
            {
                Process.Close(redirection.Descriptor);
            }

            return;
        }

        var moves = target.EndsWith('-');
        if (int.TryParse(moves ? target[..^1] : target, out var source) && source >= 0)
        {
            if (!Process.TryGetFile(source, out _))
            {
                throw new ErrnoException(Errno.EBADF);
            }

            if (redirection.Variable is { } variable)
            {
                SetVariable(variable, Process.Duplicate(source, 10).ToString());
            }
            else if (source != redirection.Descriptor)
            {
                undo.Save(Process, redirection.Descriptor);
                Process.DuplicateTo(source, redirection.Descriptor);
            }

            if (moves && source != redirection.Descriptor)
            {
                undo.Save(Process, source);
                Process.Close(source);
            }

            return;
        }

        // ">&file" without a descriptor takes both outputs there.
        if (redirection.Kind == RedirectionKind.DuplicateOutput && !redirection.Explicit && redirection.Variable is null)
        {
            Place(await OpenTargetAsync(RedirectionKind.Output, target), 1, undo);
            undo.Save(Process, 2);
            Process.DuplicateTo(1, 2);
            return;
        }

        throw new RedirectionException($"{redirection.Target.Source}: ambiguous redirect");
    }
}
