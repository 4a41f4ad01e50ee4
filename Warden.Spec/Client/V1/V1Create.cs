using System.Collections;
using System.Globalization;
using Warden.Spec.Protocol;

namespace Warden.Spec.Client.V1;

/// <summary><c>create</c>, with a dictionary or with words such as <c>grace_time:10</c>.</summary>
internal static class V1Create
{
    internal static V1Call Parse(V1Arguments arguments)
    {
        CreateRequest request = new();
        while (arguments.More)
        {
            object argument = arguments.Next("OPTIONS");
            switch (argument)
            {
                case IEnumerable<KeyValuePair<string, object?>> options:
                    foreach ((string key, object? value) in options)
                    {
                        SetOption(request, key, value, arguments);
                    }

                    break;
                case string word when word.IndexOf(':', StringComparison.Ordinal) is > 0 and int colon:
                    SetWord(request, word[..colon], word[(colon + 1)..], arguments);
                    break;
                default:
                    throw arguments.Usage();
            }
        }

        return V1Commands.Call(request, static response => ((CreateResponse)response).Handle.ToStringUtf8());
    }

    private static void SetWord(CreateRequest request, string key, string value, V1Arguments arguments)
    {
        if (key != "bind_mount")
        {
            SetOption(request, key, value, arguments);
            return;
        }

        string[] parts = value.Split(',');
        request.BindMounts.Add(BindMount(parts, arguments));
    }

    private static void SetOption(CreateRequest request, string key, object? value, V1Arguments arguments)
    {
        if (value is null)
        {
            return;
        }

        switch (key)
        {
            case "bind_mounts" when value is IEnumerable mounts and not string:
                foreach (object mount in mounts)
                {
                    request.BindMounts.Add(BindMount(mount, arguments));
                }

                break;
            case "grace_time":
                request.GraceTime = Seconds(value);
                break;
            case "handle":
                request.Handle = arguments.Encode(Word(value));
                break;
            case "network":
                request.Network = Word(value);
                break;
            case "rootfs":
                request.Rootfs = arguments.Encode(Word(value));
                break;
            default:
                throw new ArgumentException($"create has no option '{key}'.");
        }
    }

    private static uint Seconds(object value)
    {
        string text = Word(value);
        return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint seconds)
            ? seconds
            : throw new ArgumentException($"grace_time is a number of seconds, not '{text}'.");
    }

    private static CreateRequest.Types.BindMount BindMount(object mount, V1Arguments arguments)
    {
        object?[] parts = mount is IEnumerable items and not string ? [.. items.Cast<object?>()] : [];
        if (parts is not [{ } source, { } destination, { } mode])
        {
            throw new ArgumentException("A bind mount is a source, a destination and a mode.");
        }

        if (mode is IEnumerable<KeyValuePair<string, object?>> options)
        {
            mode = options.FirstOrDefault(static option => option.Key == "mode").Value ?? string.Empty;
        }

        return new CreateRequest.Types.BindMount
        {
            SrcPath = arguments.Encode(Word(source)),
            DstPath = arguments.Encode(Word(destination)),
            Mode = Word(mode).ToUpperInvariant() switch
            {
                "RO" => CreateRequest.Types.BindMount.Types.Mode.Ro,
                "RW" => CreateRequest.Types.BindMount.Types.Mode.Rw,
                _ => throw new ArgumentException($"A bind mount's mode is ro or rw, not '{mode}'."),
            },
        };
    }

    private static string Word(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
}
