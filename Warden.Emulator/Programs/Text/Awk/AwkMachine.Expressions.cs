using System.Text.RegularExpressions;

namespace Warden.Emulator.Programs;

internal sealed partial class AwkMachine
{
    private AwkCell Global(string name)
    {
        if (!_globals.TryGetValue(name, out var cell))
        {
            _globals[name] = cell = new AwkCell();
        }
        return cell;
    }

    private void SetGlobal(string name, AwkValue value)
    {
        Global(name).Value = value;
        switch (name)
        {
            case "FS":
                _record.Split();
                _record.FieldSeparator = value.Text("%.6g");
                break;
            case "OFS":
                _record.OutputSeparator = value.Text("%.6g");
                break;
            case "NF":
                _record.Count = Math.Max(0, (int)value.Number);
                break;
        }
    }

    private AwkCell Cell(AwkVariable variable) => variable.Local >= 0 ? _frame[variable.Local] : Global(variable.Name);

    private Dictionary<string, AwkValue> Array(AwkVariable variable) => Cell(variable).Array;

    private AwkValue Field(int index) =>
        index < 0 ? throw _c.Die($"negative field index ${index}", 2) : _record.Get(index);

    private async ValueTask<string> KeyAsync(IReadOnlyList<AwkNode> index)
    {
        if (index.Count == 1)
        {
            return (await EvaluateAsync(index[0])).Text(ConversionFormat);
        }
        var parts = new List<string>();
        foreach (var one in index)
        {
            parts.Add((await EvaluateAsync(one)).Text(ConversionFormat));
        }
        return string.Join(Global("SUBSEP").Value.Text(ConversionFormat), parts);
    }

    private async ValueTask<AwkValue> EvaluateAsync(AwkNode node)
    {
        switch (node)
        {
            case AwkConstant constant:
                return constant.Value;
            case AwkVariable variable:
                return variable.Name == "NF" && variable.Local < 0 ? AwkValue.Of((double)_record.Count) : Cell(variable).Value;
            case AwkField field:
                return Field((int)(await EvaluateAsync(field.Index)).Number);
            case AwkElement element:
                var array = Array(element.Array);
                var key = await KeyAsync(element.Index);
                if (!array.TryGetValue(key, out var found))
                {
                    // Looking an element up makes it.
                    Store(array, key, default);
                }
                return found;
            case AwkGroup group:
                return group.Items.Count == 1 ? await EvaluateAsync(group.Items[0]) : AwkValue.Of(await KeyAsync(group.Items));
            case AwkRegex regex:
                return AwkValue.Of(regex.Regex.IsMatch(Field(0).Text(ConversionFormat)));
            case AwkAssign assign:
                return await AssignAsync(assign);
            case AwkIncrement increment:
                var old = (await EvaluateAsync(increment.Target)).Number;
                await StoreAsync(increment.Target, AwkValue.Of(old + increment.Step));
                return AwkValue.Of(increment.Prefix ? old + increment.Step : old);
            case AwkUnary unary:
                var operand = await EvaluateAsync(unary.Operand);
                return unary.Operator switch { '!' => AwkValue.Of(!operand.IsTrue), '-' => AwkValue.Of(-operand.Number), _ => AwkValue.Of(operand.Number) };
            case AwkConditional conditional:
                return await EvaluateAsync((await EvaluateAsync(conditional.Test)).IsTrue ? conditional.Then : conditional.Else);
            case AwkMembership membership:
                return AwkValue.Of(Array(membership.Array).ContainsKey(await KeyAsync(membership.Index)));
            case AwkBinary binary:
                return await BinaryAsync(binary);
            case AwkCall call:
                return call.BuiltIn ? await BuiltInAsync(call) : await CallAsync(call);
            case AwkGetline getline:
                return AwkValue.Of(await GetlineAsync(getline));
            default:
                throw new InvalidOperationException(node.GetType().Name);
        }
    }

    private async ValueTask<AwkValue> BinaryAsync(AwkBinary binary)
    {
        var left = await EvaluateAsync(binary.Left);
        switch (binary.Operator)
        {
            case "&&":
                return AwkValue.Of(left.IsTrue && (await EvaluateAsync(binary.Right)).IsTrue);
            case "||":
                return AwkValue.Of(left.IsTrue || (await EvaluateAsync(binary.Right)).IsTrue);
            case "~" or "!~":
                var regex = await RegexAsync(binary.Right);
                return AwkValue.Of(regex.IsMatch(left.Text(ConversionFormat)) == (binary.Operator == "~"));
        }
        var right = await EvaluateAsync(binary.Right);
        switch (binary.Operator)
        {
            case " ":
                return AwkValue.Of(left.Text(ConversionFormat) + right.Text(ConversionFormat));
            case "<" or "<=" or "==" or "!=" or ">" or ">=":
                return AwkValue.Of(Compare(left, right, binary.Operator));
            default:
                return AwkValue.Of(Calculate(left.Number, right.Number, binary.Operator[0]));
        }
    }

    private bool Compare(AwkValue left, AwkValue right, string @operator)
    {
        var order = left.IsNumeric && right.IsNumeric
            ? left.Number.CompareTo(right.Number)
            : string.CompareOrdinal(left.Text(ConversionFormat), right.Text(ConversionFormat));
        return @operator switch { "<" => order < 0, "<=" => order <= 0, "==" => order == 0, "!=" => order != 0, ">" => order > 0, _ => order >= 0 };
    }

    private double Calculate(double left, double right, char @operator) => @operator switch
    {
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        '/' => right == 0 ? throw _c.Die("division by zero", 2) : left / right,
        '%' => right == 0 ? throw _c.Die("division by zero in %", 2) : left % right,
        _ => Math.Pow(left, right),
    };

    private async ValueTask<AwkValue> AssignAsync(AwkAssign assign)
    {
        var value = await EvaluateAsync(assign.Value);
        if (assign.Operator != "=")
        {
            var old = (await EvaluateAsync(assign.Target)).Number;
            value = AwkValue.Of(Calculate(old, value.Number, assign.Operator[0]));
        }
        await StoreAsync(assign.Target, value);
        return value;
    }

    private async ValueTask StoreAsync(AwkNode target, AwkValue value)
    {
        switch (target)
        {
            case AwkVariable { Local: < 0 } global:
                SetGlobal(global.Name, value);
                break;
            case AwkVariable local:
                Cell(local).Value = value;
                break;
            case AwkField field:
                var index = (int)(await EvaluateAsync(field.Index)).Number;
                _record.Set(index < 0 ? throw _c.Die($"negative field index ${index}", 2) : index, value);
                break;
            case AwkElement element:
                Store(Array(element.Array), await KeyAsync(element.Index), value);
                break;
            case AwkGroup { Items.Count: 1 } group:
                await StoreAsync(group.Items[0], value);
                break;
            default:
                throw _c.Die("assignment to something that is no variable", 2);
        }
    }

    private void Store(Dictionary<string, AwkValue> array, string key, AwkValue value)
    {
        array[key] = value;
        _unaccounted += key.Length + ElementOverhead;
        if (_unaccounted > 64 * 1024)
        {
            _c.Process.Allocate(_unaccounted);
            _unaccounted = 0;
        }
    }

    private async ValueTask<Regex> RegexAsync(AwkNode node)
    {
        if (node is AwkRegex constant)
        {
            return constant.Regex;
        }
        if (node is AwkGroup { Items: [AwkRegex inner] })
        {
            return inner.Regex;
        }
        var text = (await EvaluateAsync(node)).Text(ConversionFormat);
        if (!_regexes.TryGetValue(text, out var regex))
        {
            _regexes[text] = regex = AwkParser.Compile(_c, text);
        }
        return regex;
    }

    private async ValueTask<AwkValue> CallAsync(AwkCall call)
    {
        var function = _program.Functions[call.Name];
        if (call.Arguments.Count > function.Parameters.Count)
        {
            throw _c.Die($"too many arguments in call to {call.Name}", 2);
        }
        if (++_depth > 1000)
        {
            throw _c.Die("function call nesting too deep", 2);
        }
        var frame = new AwkCell[function.Parameters.Count];
        for (var i = 0; i < frame.Length; i++)
        {
            if (i < call.Arguments.Count && call.Arguments[i] is AwkVariable variable && variable.Name != "NF" && (Cell(variable).IsArray || Cell(variable).Value.IsUnset))
            {
                frame[i] = new AwkCell(Cell(variable));
            }
            else
            {
                frame[i] = new AwkCell { Value = i < call.Arguments.Count ? await EvaluateAsync(call.Arguments[i]) : default };
            }
        }
        var outer = _frame;
        _frame = frame;
        _result = default;
        var flow = await ExecuteAsync(function.Body);
        _frame = outer;
        _depth--;
        if (flow == AwkFlow.Exit)
        {
            await _streams.CloseAllAsync();
            throw new ProgramExit(_exitStatus);
        }
        var result = _result;
        _result = default;
        return result;
    }

    private async ValueTask<double> GetlineAsync(AwkGetline getline)
    {
        string? line;
        if (getline.From is null)
        {
            line = await NextLineAsync();
        }
        else
        {
            var lines = await _streams.OpenLinesAsync(getline.Source == '|', (await EvaluateAsync(getline.From)).Text(ConversionFormat));
            if (lines is null)
            {
                return -1;
            }
            try
            {
                line = await lines.NextAsync(Global("RS").Value.Text(ConversionFormat));
            }
            catch (Machine.ErrnoException)
            {
                return -1;
            }
        }
        if (line is null)
        {
            return 0;
        }
        if (getline.Target is null)
        {
            _record.Set(line);
        }
        else
        {
            await StoreAsync(getline.Target, AwkValue.FromInput(line));
        }
        if (getline.Source != '<')
        {
            Count("NR");
        }
        if (getline.Source == '\0')
        {
            Count("FNR");
        }
        return 1;
    }
}
