using Warden.Linux.Backend;
using Warden.Linux.Commands;
using Warden.Linux.Setup;

return await new LinuxCommandLine(new LinuxHost(() => new LinuxBackend()), new DepotDisk()).InvokeAsync(args).ConfigureAwait(false);
