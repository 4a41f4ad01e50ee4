using Warden.Linux.Commands;

return await LinuxCommandLine.InvokeAsync(args).ConfigureAwait(false);
