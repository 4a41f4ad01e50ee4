using System.Buffers.Binary;
using System.Text;
using Warden.Linux.Interop;
using Warden.Spec;
using Warden.Spec.Backend;

namespace Warden.Linux.Processes;

/// <summary>FAILED: which step failed, on what, and why.</summary>
internal sealed record MonitorFailure(int Code, string Step, string Path, string Text)
{
    private const int Size = 12;

    public static MonitorFailure Decode(MonitorMessage message)
    {
        var body = message.AtLeast(Size);
        var step = BinaryPrimitives.ReadUInt16LittleEndian(body[4..]);
        var path = BinaryPrimitives.ReadUInt16LittleEndian(body[6..]);
        var text = BinaryPrimitives.ReadUInt32LittleEndian(body[8..]);
        if (body.Length != Size + step + path + text)
        {
            throw new InvalidDataException($"The monitor sent a failure of {body.Length} bytes that says to be longer or shorter");
        }

        return new MonitorFailure(
            BinaryPrimitives.ReadInt32LittleEndian(body),
            Encoding.UTF8.GetString(body.Slice(Size, step)),
            Encoding.UTF8.GetString(body.Slice(Size + step, path)),
            Encoding.UTF8.GetString(body[(Size + step + path)..]));
    }

    /// <summary>What a client reads of a container that could not be started.</summary>
    public WardenException OfStart()
    {
        var subject = Path.Length > 0 ? $" on {Path}" : "";
        return new WardenException(Code == 0
            ? $"{Text.TrimEnd()} ({Step}{(Path.Length > 0 ? $", {Path}" : "")})"
            : $"Cannot {Text}{subject} ({Step}): {LinuxException.Describe(Code)}");
    }

    /// <summary>What a client reads of a request that init or the monitor refused.</summary>
    public WardenException OfRequest() => new($"Cannot {Text}: {(Code == 0 ? Step : LinuxException.Describe(Code))}");

    /// <summary>What a client reads of a job that could not be started.</summary>
    public WardenException OfJob(JobSpec spec)
    {
        var reason = Code == 0 ? Text : LinuxException.Describe(Code);
        return new WardenException(Step switch
        {
            "setrlimit" when Enum.TryParse<ResourceLimit>(Path, ignoreCase: true, out var limit) =>
                $"Cannot set the limit {Path} to {spec.Limits[limit]}: {reason}",
            "exec" => $"Cannot start {(Path.Length > 0 ? Path : "/bin/bash")} in the container: {reason}",
            _ when Code == 0 => Text,
            _ => $"Cannot {Text}{(Path.Length > 0 ? $" {Path}" : "")} for a job: {reason}",
        });
    }
}
