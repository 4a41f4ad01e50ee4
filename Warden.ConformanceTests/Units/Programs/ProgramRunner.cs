using Warden.ConformanceTests.Units.Machine;
using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.ConformanceTests.Units.Programs;

/// <summary>Runs programs in a container of the test, as a shell would.</summary>
internal sealed class ProgramRunner : IDisposable
{
    private static readonly List<KeyValuePair<string, string>> Variables =
        [new("PATH", "/bin:/usr/bin"), new("LC_ALL", "C"), new("TZ", "UTC"), new("HOME", "/root")];

    private readonly TestContainer _machine;

    public ProgramRunner(TestContainer? machine = null) => _machine = machine ?? new TestContainer();

    public void Dispose() => _machine.Dispose();

    /// <summary>Runs commands one after another in /tmp/case with these files there.</summary>
    public async Task<(string Out, string Err, int Status)> RunAsync(
        IReadOnlyDictionary<string, string> files, IEnumerable<IReadOnlyList<string>> commands, string input = "")
    {
        (string, string, int) result = default;
        await _machine.RunAsync(async process =>
        {
            process.MakeDirectory("/tmp/case");
            process.ChangeDirectory("/tmp/case");
            foreach (var (name, content) in files)
            {
                if (name.Contains('/', StringComparison.Ordinal))
                {
                    MakeParents(process, name);
                }
                await process.WriteFileAsync(name, content);
            }
            var status = 0;
            foreach (var command in commands)
            {
                status = await RunAsync(process, command, input);
            }
            result = (await process.ReadFileAsync("/tmp/out"), await process.ReadFileAsync("/tmp/err"), status);
        });
        return result;
    }

    private static void MakeParents(Process process, string name)
    {
        for (var slash = name.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = name.IndexOf('/', slash + 1))
        {
            try
            {
                process.MakeDirectory(name[..slash]);
            }
            catch (ErrnoException failure) when (failure.Errno == Errno.EEXIST)
            {
                // Another file has made it.
            }
        }
    }

    private static async Task<int> RunAsync(Process process, IReadOnlyList<string> command, string text)
    {
        var input = process.Install(new ScriptInput(process.Container, ByteText.ToBytes(text)));
        var output = await process.OpenAsync("/tmp/out", OpenFlags.Write | OpenFlags.Create | OpenFlags.Append);
        var errors = await process.OpenAsync("/tmp/err", OpenFlags.Write | OpenFlags.Create | OpenFlags.Append);
        try
        {
            var child = process.Spawn("/usr/bin/" + command[0], command, Variables, p =>
            {
                p.DuplicateTo(input, 0);
                p.DuplicateTo(output, 1);
                p.DuplicateTo(errors, 2);
            });
            var ended = await process.WaitAsync(child.Id);
            // A Python parent and a shell tell signals apart from statuses; the recorded ones are negative after a signal.
            return ended!.Value.Status.Signalled ? -ended.Value.Status.Code : ended.Value.Status.Code;
        }
        finally
        {
            process.Close(input);
            process.Close(output);
            process.Close(errors);
        }
    }
}
