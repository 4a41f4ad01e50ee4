using Warden.Emulator.Machine;
using Warden.Emulator.Shell.Expansion;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Execution;

/// <summary>What set -x prints, and select.</summary>
internal sealed partial class Interpreter
{
    /// <summary>Prints a line of the trace, when it is on and the line is not empty.</summary>
    public ValueTask TraceLineAsync(string line) => Options.Trace && line.Length > 0 ? WriteTraceAsync(line) : default;

    private ValueTask TraceArgumentsAsync(IReadOnlyList<string> arguments) =>
        Options.Trace ? WriteTraceAsync(string.Join(' ', arguments.Select(static argument => argument.Length == 0 ? "''" : Quoting.Traced(argument)))) : default;

    private ValueTask TraceAsync(ForCommand command) => Options.Trace
        ? WriteTraceAsync($"for {command.Variable} in {(command.Words is null ? "\"$@\"" : string.Join(' ', command.Words.Select(static word => word.Source)))}")
        : default;

    private async ValueTask WriteTraceAsync(string line)
    {
        var prompt = GetParameter("PS4") ?? "";
        if (prompt.AsSpan().IndexOfAny("$`\\") >= 0)
        {
            // What the prompt itself runs is not traced.
            Options.TrySet("xtrace", false);
            var status = Status;
            prompt = await Expander.ExpandQuotedAsync(await Parser.ParseQuotedTextAsync(prompt, this));
            Status = status;
            Options.TrySet("xtrace", true);
        }

        if (prompt.Length > 0)
        {
            prompt = new string(prompt[0], TraceDepth) + prompt;
        }

        var fd = int.TryParse(GetParameter("BASH_XTRACEFD"), out var number) && Process.TryGetFile(number, out _) ? number : 2;
        try
        {
            await Process.WriteAsync(fd, $"{prompt}{line}\n");
        }
        catch (ErrnoException)
        {
            // A trace that cannot be written stops nothing.
        }
    }

    private async ValueTask<int> ExecuteSelectAsync(ForCommand command)
    {
        LineNumber = command.Line;
        var values = command.Words is null ? [.. Positional] : await Expander.ExpandWordsAsync(command.Words);
        if (values.Count == 0)
        {
            return 0;
        }

        var status = 0;
        var show = true;
        _loopDepth++;
        try
        {
            while (true)
            {
                await Process.CheckpointAsync();
                if (show)
                {
                    await WriteErrorAsync(SelectMenu.Format(values));
                }

                await WriteErrorAsync(GetParameter("PS3") ?? "#? ");
                if (await RunBuiltinAsync(Builtins.BuiltinTable.Find("read")!, ["read", "REPLY"]) != 0)
                {
                    await WriteAsync("\n");
                    return 1;
                }

                var reply = GetParameter("REPLY") ?? "";
                show = reply.Length == 0;
                if (show)
                {
                    continue;
                }

                var chosen = int.TryParse(reply, out var number) && number >= 1 && number <= values.Count;
                SetVariable(command.Variable, chosen ? values[number - 1] : "");
                status = await ExecuteAsync(command.Body);
                if (EndsLoop())
                {
                    return status;
                }
            }
        }
        finally
        {
            _loopDepth--;
        }
    }
}
