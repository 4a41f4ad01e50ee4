using System.Text.RegularExpressions;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Programs;

/// <summary>Runs a program of awk: rules over records; expressions and built-in functions are in the other parts.</summary>
internal sealed partial class AwkMachine
{
    private const int ElementOverhead = 64;
    private readonly Invocation _c;
    private readonly AwkProgram _program;
    private readonly Dictionary<string, AwkCell> _globals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Regex> _regexes = new(StringComparer.Ordinal);
    private readonly AwkRecord _record;
    private readonly AwkStreams _streams;
    private AwkCell[] _frame = [];
    private AwkValue _result;
    private int _exitStatus;
    private AwkLines? _lines;
    private int _nextArgument = 1;
    private bool _anyFile;
    private int _depth;
    private long _unaccounted;

    public AwkMachine(Invocation c, AwkProgram program, IReadOnlyList<string> arguments)
    {
        _c = c;
        _program = program;
        _record = new AwkRecord(c);
        _streams = new AwkStreams(c);
        SetGlobal("FS", AwkValue.Of(" "));
        SetGlobal("OFS", AwkValue.Of(" "));
        SetGlobal("ORS", AwkValue.Of("\n"));
        SetGlobal("RS", AwkValue.Of("\n"));
        SetGlobal("OFMT", AwkValue.Of("%.6g"));
        SetGlobal("CONVFMT", AwkValue.Of("%.6g"));
        SetGlobal("SUBSEP", AwkValue.Of("\x1c"));
        SetGlobal("RSTART", AwkValue.Of(0d));
        SetGlobal("RLENGTH", AwkValue.Of(-1d));
        SetGlobal("NR", AwkValue.Of(0d));
        SetGlobal("FNR", AwkValue.Of(0d));
        foreach (var (name, value) in c.Process.Environment)
        {
            Global("ENVIRON").Array[name] = AwkValue.FromInput(value);
        }
        for (var i = 0; i < arguments.Count; i++)
        {
            Global("ARGV").Array[i.ToString()] = AwkValue.FromInput(arguments[i]);
        }
        SetGlobal("ARGC", AwkValue.Of((double)arguments.Count));
    }

    private string ConversionFormat => Global("CONVFMT").Value.Text("%.6g");

    public void Assign(string name, string text) => SetGlobal(name, AwkValue.FromInput(AwkLexer.Unescape(_c, text)));

    public async ValueTask<int> RunAsync()
    {
        var flow = AwkFlow.Normal;
        foreach (var rule in _program.Rules.Where(r => r.Kind == "BEGIN"))
        {
            flow = await ExecuteAsync(rule.Action!);
            if (flow == AwkFlow.Exit)
            {
                break;
            }
        }
        var rules = _program.Rules.Where(r => r.Kind.Length == 0).ToList();
        var ends = _program.Rules.Where(r => r.Kind == "END").ToList();
        if (flow != AwkFlow.Exit && (rules.Count > 0 || ends.Count > 0))
        {
            flow = await RecordsAsync(rules);
        }
        // exit in a rule still runs END; exit in BEGIN too.
        foreach (var rule in ends)
        {
            if (await ExecuteAsync(rule.Action!) == AwkFlow.Exit)
            {
                break;
            }
        }
        await _streams.CloseAllAsync();
        return _exitStatus;
    }

    private async ValueTask<AwkFlow> RecordsAsync(List<AwkRule> rules)
    {
        while (await NextRecordAsync())
        {
            foreach (var rule in rules)
            {
                if (!await SelectsAsync(rule))
                {
                    continue;
                }
                if (rule.Action is null)
                {
                    await WriteAsync("", "", Field(0).Text(ConversionFormat) + Global("ORS").Value.Text(ConversionFormat));
                    continue;
                }
                var flow = await ExecuteAsync(rule.Action);
                if (flow == AwkFlow.Exit)
                {
                    return flow;
                }
                if (flow == AwkFlow.NextFile)
                {
                    CloseInput();
                }
                if (flow is AwkFlow.Next or AwkFlow.NextFile)
                {
                    break;
                }
            }
            await _c.DrainAsync();
        }
        return AwkFlow.Normal;
    }

    private async ValueTask<bool> SelectsAsync(AwkRule rule)
    {
        if (rule.From is null)
        {
            return true;
        }
        if (rule.To is null)
        {
            return (await EvaluateAsync(rule.From)).IsTrue;
        }
        if (!rule.InRange && !(await EvaluateAsync(rule.From)).IsTrue)
        {
            return false;
        }
        rule.InRange = !(await EvaluateAsync(rule.To)).IsTrue;
        return true;
    }

    private async ValueTask<bool> NextRecordAsync()
    {
        if (await NextLineAsync() is not { } line)
        {
            return false;
        }
        _record.Set(line);
        Count("NR");
        Count("FNR");
        return true;
    }

    private void Count(string name) => SetGlobal(name, AwkValue.Of(Global(name).Value.Number + 1));

    private async ValueTask<string?> NextLineAsync()
    {
        while (true)
        {
            if (_lines is null && !await OpenNextAsync())
            {
                return null;
            }
            try
            {
                if (await _lines!.NextAsync(Global("RS").Value.Text(ConversionFormat)) is { } line)
                {
                    return line;
                }
            }
            catch (ErrnoException failure)
            {
                _c.Warn($"read error on {Global("FILENAME").Value.Text("")}: {failure.Message}");
                _exitStatus = 2;
            }
            CloseInput();
        }
    }

    private void CloseInput()
    {
        _lines?.Dispose();
        _lines = null;
    }

    private async ValueTask<bool> OpenNextAsync()
    {
        while (_nextArgument < Global("ARGC").Value.Number)
        {
            if (!Global("ARGV").Array.TryGetValue((_nextArgument++).ToString(), out var argument) || argument.Text("") is not { Length: > 0 } text)
            {
                continue;
            }
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && (char.IsAsciiLetter(text[0]) || text[0] == '_') && text[..equals].All(x => char.IsAsciiLetterOrDigit(x) || x == '_'))
            {
                Assign(text[..equals], text[(equals + 1)..]);
                continue;
            }
            _anyFile = true;
            try
            {
                Open(text, await _c.OpenInputAsync(text));
                return true;
            }
            catch (ErrnoException failure)
            {
                _c.Warn($"cannot open \"{text}\" ({failure.Message})");
                _exitStatus = 2;
                await _c.FlushMessagesAsync();
            }
        }
        if (_anyFile)
        {
            return false;
        }
        _anyFile = true;
        Open("", 0);
        return true;
    }

    private void Open(string name, int fd)
    {
        _lines = new AwkLines(_c, new ByteReader(_c.Process, fd));
        SetGlobal("FILENAME", AwkValue.Of(name));
        SetGlobal("FNR", AwkValue.Of(0d));
    }

    private async ValueTask<AwkFlow> ExecuteAsync(AwkNode node)
    {
        switch (node)
        {
            case AwkBlock block:
                foreach (var statement in block.Statements)
                {
                    var flow = await ExecuteAsync(statement);
                    if (flow != AwkFlow.Normal)
                    {
                        return flow;
                    }
                }
                return AwkFlow.Normal;
            case AwkExpressionStatement expression:
                await EvaluateAsync(expression.Expression);
                return AwkFlow.Normal;
            case AwkPrint print:
                await PrintAsync(print);
                return AwkFlow.Normal;
            case AwkIf choice:
                return (await EvaluateAsync(choice.Test)).IsTrue ? await ExecuteAsync(choice.Then)
                    : choice.Else is null ? AwkFlow.Normal : await ExecuteAsync(choice.Else);
            case AwkLoop loop:
                return await LoopAsync(loop);
            case AwkForIn loop:
                foreach (var key in Array(loop.Array).Keys.ToList())
                {
                    await StoreAsync(loop.Variable, AwkValue.FromInput(key));
                    var flow = await ExecuteAsync(loop.Body);
                    if (flow == AwkFlow.Break)
                    {
                        break;
                    }
                    if (flow is not (AwkFlow.Normal or AwkFlow.Continue))
                    {
                        return flow;
                    }
                }
                return AwkFlow.Normal;
            case AwkDelete delete:
                if (delete.Index is null)
                {
                    Array(delete.Array).Clear();
                }
                else
                {
                    Array(delete.Array).Remove(await KeyAsync(delete.Index));
                }
                return AwkFlow.Normal;
            case AwkJump jump:
                return await JumpAsync(jump);
            default:
                throw new InvalidOperationException(node.GetType().Name);
        }
    }

    private async ValueTask<AwkFlow> JumpAsync(AwkJump jump)
    {
        var value = jump.Value is null ? default : await EvaluateAsync(jump.Value);
        switch (jump.Kind)
        {
            case "exit":
                _exitStatus = jump.Value is null ? _exitStatus : (int)value.Number;
                return AwkFlow.Exit;
            case "return":
                _result = value;
                return AwkFlow.Return;
            case "next": return AwkFlow.Next;
            case "nextfile": return AwkFlow.NextFile;
            case "break": return AwkFlow.Break;
            default: return AwkFlow.Continue;
        }
    }

    private async ValueTask<AwkFlow> LoopAsync(AwkLoop loop)
    {
        if (loop.Before is not null)
        {
            await ExecuteAsync(loop.Before);
        }
        for (var first = true; ; first = false)
        {
            if ((loop.TestFirst || !first) && loop.Test is not null && !(await EvaluateAsync(loop.Test)).IsTrue)
            {
                return AwkFlow.Normal;
            }
            await _c.DrainAsync();
            var flow = await ExecuteAsync(loop.Body);
            if (flow == AwkFlow.Break)
            {
                return AwkFlow.Normal;
            }
            if (flow is not (AwkFlow.Normal or AwkFlow.Continue))
            {
                return flow;
            }
            if (loop.Step is not null)
            {
                await ExecuteAsync(loop.Step);
            }
        }
    }

    private async ValueTask PrintAsync(AwkPrint print)
    {
        var values = new List<AwkValue>();
        foreach (var argument in print.Arguments)
        {
            values.Add(await EvaluateAsync(argument));
        }
        string text;
        if (print.Formatted)
        {
            text = values.Count == 0 ? throw _c.Die("not enough arguments passed to sprintf(\"\")", 2) : AwkFormat.Run(values[0].Text(ConversionFormat), values[1..], ConversionFormat);
        }
        else
        {
            var format = Global("OFMT").Value.Text("%.6g");
            text = (values.Count == 0 ? Field(0).Text(format) : string.Join(Global("OFS").Value.Text(format), values.Select(v => v.Text(format))))
                + Global("ORS").Value.Text(format);
        }
        await WriteAsync(print.Redirection, print.Target is null ? "" : (await EvaluateAsync(print.Target)).Text(ConversionFormat), text);
    }

    private ValueTask WriteAsync(string redirection, string target, string text)
    {
        if (redirection.Length > 0)
        {
            return _streams.WriteAsync(redirection, target, text);
        }
        _c.Write(text);
        return _c.DrainAsync();
    }
}
