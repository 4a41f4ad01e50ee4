using Warden.Emulator.FileSystem;
using Warden.Emulator.Machine;

namespace Warden.Emulator.Shell.Execution;

/// <summary>Reads a whole script.</summary>
internal static class ScriptFile
{
    public static async ValueTask<string> ReadAsync(Process process, string path)
    {
        var fd = await process.OpenAsync(path, OpenFlags.Read);
        try
        {
            var text = new System.Text.StringBuilder();
            var buffer = new byte[4096];
            int count;
            while ((count = await process.ReadAsync(fd, buffer)) > 0)
            {
                text.Append(ByteText.FromBytes(buffer.AsSpan(0, count)));
            }

            return text.ToString();
        }
        finally
        {
            process.Close(fd);
        }
    }
}
