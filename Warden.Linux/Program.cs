using System.CommandLine;
using Warden.Linux.Commands;
using Warden.Linux.Setup;

var root = new RootCommand("The Warden server of Linux.") { SetupCommand.Make(new DepotDisk()) };
return await root.Parse(args).InvokeAsync().ConfigureAwait(false);
