using Google.Protobuf;
using Google.Protobuf.Reflection;
using Warden.Spec.Protocol;

namespace Warden.Spec.Capture.Replay;

/// <summary>How the field of an answer is compared with the recorded one.</summary>
internal enum FieldRule
{
    /// <summary>It has the recorded value, apart from names.</summary>
    Same,

    /// <summary>A list that has the recorded values in any order.</summary>
    SameInAnyOrder,

    /// <summary>It is set, to whatever the server measured.</summary>
    Present,

    /// <summary>Whether it is set depends on how the server is set up.</summary>
    Free,

    /// <summary>The server chose the handle.</summary>
    Handle,

    /// <summary>The handles of all containers, of which only those that the session created count.</summary>
    Handles,

    /// <summary>The server chose an address or a path for the container.</summary>
    OfContainer,

    /// <summary>The server counted the job.</summary>
    Job,

    /// <summary>The jobs that run.</summary>
    Jobs,

    /// <summary>The server chose the port.</summary>
    Port,
}

/// <summary>The rules of all fields.</summary>
internal static class FieldRules
{
    /// <summary>The rule of a field.</summary>
    /// <param name="field">A field of a response.</param>
    /// <param name="request">What it answers, as far as that is known.</param>
    public static FieldRule Of(FieldDescriptor field, IMessage? request) => (field.ContainingType.Name, field.Name) switch
    {
        ("CreateResponse", "handle") => request is CreateRequest { HasHandle: true } ? FieldRule.Same : FieldRule.Handle,
        ("ListResponse", "handles") => FieldRule.Handles,
        ("SpawnResponse", "job_id") => FieldRule.Job,
        ("NetInResponse", "host_port") => request is NetInRequest { HostPort: > 0 } ? FieldRule.Same : FieldRule.Port,
        ("NetInResponse", "container_port") => request is NetInRequest { ContainerPort: > 0 } ? FieldRule.Same : FieldRule.Port,
        ("InfoResponse", "host_ip" or "container_ip" or "container_path") => FieldRule.OfContainer,
        ("InfoResponse", "memory_stat" or "cpu_stat" or "bandwidth_stat") => FieldRule.Present,
        ("InfoResponse", "disk_stat") => FieldRule.Free,
        ("InfoResponse", "job_ids") => FieldRule.Jobs,
        ("InfoResponse", "events") => FieldRule.SameInAnyOrder,
        _ => FieldRule.Same,
    };
}
