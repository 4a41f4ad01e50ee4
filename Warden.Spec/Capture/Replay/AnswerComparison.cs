using System.Collections;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Warden.Spec.Protocol;

namespace Warden.Spec.Capture.Replay;

/// <summary>
/// Compares answers with the recorded ones, and learns what the server now calls things. The fields that were recorded are there with
/// their values, and no other is set; what a server chooses or measures is compared by the <see cref="FieldRules"/>.
/// </summary>
/// <param name="names">What was learnt.</param>
internal sealed class AnswerComparison(LearntNames names)
{
    private readonly Dictionary<ulong, ulong> _ports = [];
    private IMessage? _request;

    /// <summary>Compares an answer.</summary>
    /// <param name="recorded">Its recorded fields.</param>
    /// <param name="now">What came.</param>
    /// <param name="request">What it answers, as far as that is known.</param>
    /// <returns>The first difference; null when there is none.</returns>
    /// <exception cref="FormatException">The transcript has what is no value of the field.</exception>
    public string? Compare(JsonElement recorded, IMessage now, IMessage? request)
    {
        _request = request;

        // A port is another one in every answer, the same one within it.
        _ports.Clear();
        names.ForgetVariable("$PORT");
        return Compare(string.Empty, recorded, now);
    }

    /// <summary>Compares the text of an error.</summary>
    /// <returns>The difference; null when there is none.</returns>
    public string? CompareError(JsonElement recorded, ErrorResponse now)
    {
        var text = ByteString.CopyFromUtf8(now.Message);
        return TranscriptText.IsAnyError(recorded)
            ? text.IsEmpty ? "the error has no text" : null
            : CompareText("the error", recorded, text);
    }

    private string? Compare(string path, JsonElement recorded, IMessage now)
    {
        // A container's info comes first: what it tells of the container's id and addresses may stand in its output.
        foreach (var field in now.Descriptor.Fields.InFieldNumberOrder().OrderBy(field => field.FieldType != FieldType.Message))
        {
            if (CompareField(path + field.Name, field, recorded, now) is { } difference)
            {
                return difference;
            }
        }

        foreach (var property in recorded.EnumerateObject())
        {
            if (now.Descriptor.FindFieldByName(property.Name) is null)
            {
                throw new FormatException($"{now.Descriptor.Name} has no field {property.Name}");
            }
        }

        return null;
    }

    private string? CompareField(string path, FieldDescriptor field, JsonElement recorded, IMessage now)
    {
        var rule = FieldRules.Of(field, _request);
        var isRecorded = recorded.TryGetProperty(field.Name, out var value);
        if (rule == FieldRule.Free || (isRecorded && field.IsRepeated && TranscriptText.IsAny(value)))
        {
            return null;
        }

        if (field.IsRepeated)
        {
            var items = isRecorded ? value.EnumerateArray().ToList() : [];
            return CompareList(path, field, rule, items, (IList)field.Accessor.GetValue(now));
        }

        var isSet = TranscriptFields.IsSet(now, field);
        return isSet && isRecorded ? CompareValue(path, field, rule, value, field.Accessor.GetValue(now))
            : isSet ? $"{path} is {TranscriptFields.ToText(field, field.Accessor.GetValue(now))}, and none was recorded"
            : isRecorded ? $"{path} is absent, and {value.GetRawText()} was recorded"
            : null;
    }

    private string? CompareList(string path, FieldDescriptor field, FieldRule rule, List<JsonElement> recorded, IList now)
    {
        var wanted = recorded.ConvertAll(item => Wanted(field, rule, item));
        var got = now.Cast<object>().Select(item => TextOf(field, item)).ToList();
        switch (rule)
        {
            case FieldRule.Handles:
                wanted.RemoveAll(handle => !names.IsCreated(handle));
                got.RemoveAll(handle => !names.IsCreated(handle));
                break;
            case FieldRule.Jobs:
                // A job of run has no id that an answer told: such jobs are only counted.
                wanted = [.. wanted.Select((job, index) => IsKnownJob(recorded[index]) ? job : ByteString.Empty)];
                got = [.. now.Cast<ulong>().Select((job, index) => names.IsStarted(job) ? got[index] : ByteString.Empty)];
                break;
        }

        if (rule != FieldRule.Same)
        {
            wanted.Sort(Order);
            got.Sort(Order);
        }

        return wanted.SequenceEqual(got)
            ? null
            : $"{path} is [{List(got)}], and [{List(wanted)}] was recorded";
    }

    private string? CompareValue(string path, FieldDescriptor field, FieldRule rule, JsonElement recorded, object now)
    {
        if (rule == FieldRule.Present || TranscriptText.IsAny(recorded))
        {
            Learn(field, null, now);
            return null;
        }

        if (now is IMessage message)
        {
            return Compare(path + ".", recorded, message);
        }

        if (TranscriptText.Variable(recorded) is { } variable)
        {
            Learn(field, null, now);
            return CompareVariable(path, variable, TextOf(field, now));
        }

        switch (rule)
        {
            case FieldRule.Handle:
            case FieldRule.Job:
                Learn(field, recorded, now);
                return null;
            case FieldRule.OfContainer:
                return CompareOfContainer(path, field, recorded, TextOf(field, now));
            case FieldRule.Port:
                return ComparePort(path, recorded.GetUInt64(), Convert.ToUInt64(now, CultureInfo.InvariantCulture));
        }

        if (field.FieldType is not (FieldType.Bytes or FieldType.String))
        {
            var text = TranscriptFields.ToText(field, now);
            return text == recorded.GetRawText() ? null : $"{path} is {text}, and {recorded.GetRawText()} was recorded";
        }

        Learn(field, recorded, now);
        return CompareText(path, recorded, TextOf(field, now));
    }

    /// <summary>Takes note of a container that was created, or of a job that was started.</summary>
    private void Learn(FieldDescriptor field, JsonElement? recorded, object now)
    {
        switch (field.ContainingType.Name)
        {
            case nameof(CreateResponse):
                names.LearnHandle(recorded is { } handle ? ByteString.CopyFrom(TranscriptText.Read(handle)) : null, (ByteString)now);
                break;
            case nameof(SpawnResponse):
                names.LearnJob(recorded?.GetUInt64(), (uint)now);
                break;
        }
    }

    private string? CompareText(string path, JsonElement recorded, ByteString now)
    {
        if (TranscriptText.IsAny(recorded))
        {
            return null;
        }

        if (TranscriptText.Variable(recorded) is { } variable)
        {
            return CompareVariable(path, variable, now);
        }

        return TextDifference.Of(path, names.Text(TranscriptText.Read(recorded)), now.Memory);
    }

    private string? CompareVariable(string path, string variable, ByteString now)
    {
        if (names.Variable(variable) is { } known)
        {
            return known == now ? null : $"{path} is {Quote(now)}, and {variable} stands for {Quote(known)}";
        }

        names.LearnVariable(variable, now);
        return null;
    }

    private string? CompareOfContainer(string path, FieldDescriptor field, JsonElement recorded, ByteString now)
    {
        var then = ByteString.CopyFrom(TranscriptText.Read(recorded));
        if (!names.LearnOfContainer(HandleOfRequest(), field.Name, then, now))
        {
            return $"{path} is {Quote(now)}, and was another before";
        }

        // The directory of a container is named after its id, which is also its host name.
        if (field.Name == "container_path")
        {
            names.LearnText(LastName(then), LastName(now));
        }

        return null;
    }

    private string? ComparePort(string path, ulong recorded, ulong now)
    {
        if (!_ports.TryAdd(recorded, now) && _ports[recorded] != now)
        {
            return $"{path} is {now}, and the same port as {_ports[recorded]} was recorded";
        }

        names.LearnPort(recorded, now);
        return null;
    }

    private ByteString HandleOfRequest() =>
        _request?.Descriptor.FindFieldByName("handle")?.Accessor.GetValue(_request) as ByteString ?? ByteString.Empty;

    /// <summary>The item of a list as the server would now say it.</summary>
    private ByteString Wanted(FieldDescriptor field, FieldRule rule, JsonElement recorded)
    {
        if (TranscriptText.Variable(recorded) is { } variable)
        {
            return names.Variable(variable) ?? throw new FormatException($"{variable} stands for nothing yet");
        }

        return field.FieldType is not (FieldType.Bytes or FieldType.String)
            ? TextOf(field, rule == FieldRule.Jobs ? names.Job(recorded.GetUInt64()) : recorded.GetUInt64())
            : rule == FieldRule.Handles
                ? names.Handle(ByteString.CopyFrom(TranscriptText.Read(recorded)))
                : ByteString.CopyFrom(names.Text(TranscriptText.Read(recorded)));
    }

    private bool IsKnownJob(JsonElement recorded) => TranscriptText.Variable(recorded) is not null || names.KnowsJob(recorded.GetUInt64());

    private static ByteString TextOf(FieldDescriptor field, object value) => value switch
    {
        ByteString bytes => bytes,
        string text => ByteString.CopyFromUtf8(text),
        _ => ByteString.CopyFromUtf8(TranscriptFields.ToText(field, value)),
    };

    private static ByteString LastName(ByteString path) => ByteString.CopyFrom(path.Span[(path.Span.LastIndexOf((byte)'/') + 1)..]);

    private static int Order(ByteString left, ByteString right) => left.Span.SequenceCompareTo(right.Span);

    private static string List(List<ByteString> items) => string.Join(", ", items.Select(item => item.IsEmpty ? "(another)" : Quote(item)));

    private static string Quote(ByteString text) => TranscriptFields.ToText(text.Memory);
}
