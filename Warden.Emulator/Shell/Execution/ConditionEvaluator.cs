using System.Text.RegularExpressions;
using Warden.Emulator.Programs.Text;
using Warden.Emulator.Shell.Expansion;
using Warden.Emulator.Shell.Syntax;

namespace Warden.Emulator.Shell.Execution;

/// <summary>Evaluates [[ ]].</summary>
internal sealed class ConditionEvaluator(Interpreter shell)
{
    /// <summary>0 true, 1 false, 2 an error.</summary>
    public async ValueTask<int> EvaluateAsync(Condition condition)
    {
        switch (condition)
        {
            case NotCondition not:
                var inner = await EvaluateAsync(not.Inner);
                return inner > 1 ? inner : 1 - inner;
            case GroupedCondition grouped:
                return await EvaluateAsync(grouped.Inner);
            case JoinedCondition joined:
                var left = await EvaluateAsync(joined.Left);
                return left > 1 || (left == 0) != joined.And ? left : await EvaluateAsync(joined.Right);
            case UnaryCondition unary:
                return await EvaluateUnaryAsync(unary);
            default:
                return await EvaluateBinaryAsync((BinaryCondition)condition);
        }
    }

    private async ValueTask<int> EvaluateUnaryAsync(UnaryCondition condition)
    {
        var operand = await shell.Expander.ExpandToStringAsync(condition.Operand);
        await shell.TraceLineAsync(shell.Options.Trace ? $"[[ {condition.Operation} {Quoting.WhereNeeded(operand)} ]]" : "");
        return TestOperators.Unary(shell, condition.Operation, operand) ? 0 : 1;
    }

    private async ValueTask<int> EvaluateBinaryAsync(BinaryCondition condition)
    {
        var left = await shell.Expander.ExpandToStringAsync(condition.Left);
        switch (condition.Operation)
        {
            case "=" or "==" or "!=":
                var pattern = await shell.Expander.ExpandPatternAsync(condition.Right);
                await TraceAsync(left, condition.Operation, pattern);
                return PatternMatcher.IsMatch(pattern, left, extended: true, shell.Options.NoCaseMatch) == (condition.Operation != "!=") ? 0 : 1;
            case "=~":
                return await MatchAsync(left, await shell.Expander.ExpandRegexAsync(condition.Right));
        }

        var right = await shell.Expander.ExpandToStringAsync(condition.Right);
        await TraceAsync(left, condition.Operation, right);
        if (condition.Operation is "-eq" or "-ne" or "-lt" or "-le" or "-gt" or "-ge")
        {
            if (await shell.EvaluateReportedAsync(left, "[[: ") is not { } a || await shell.EvaluateReportedAsync(right, "[[: ") is not { } b)
            {
                return 1;
            }

            return TestOperators.Compare(condition.Operation, a, b) ? 0 : 1;
        }

        return TestOperators.Binary(shell, left, condition.Operation, right) ? 0 : 1;
    }

    private ValueTask TraceAsync(string left, string operation, string right) =>
        shell.TraceLineAsync(shell.Options.Trace ? $"[[ {Quoting.WhereNeeded(left)} {operation} {(right.Length == 0 ? "''" : right)} ]]" : "");

    private async ValueTask<int> MatchAsync(string text, string pattern)
    {
        await TraceAsync(text, "=~", pattern);
        Match match;
        try
        {
            match = shell.CompileRegex(pattern).Match(text);
        }
        catch (PosixRegexException)
        {
            return 2;
        }

        var variable = shell.Variables.GetOrCreate("BASH_REMATCH");
        variable.Scalar = null;
        variable.Indexed = [];
        variable.Attributes |= VariableAttributes.Indexed;
        if (match.Success)
        {
            for (var i = 0; i < match.Groups.Count; i++)
            {
                variable.Indexed[i] = match.Groups[i].Value;
            }
        }

        return match.Success ? 0 : 1;
    }
}
