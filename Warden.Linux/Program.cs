using System.CommandLine;

return await new RootCommand("The Warden server of Linux.").Parse(args).InvokeAsync().ConfigureAwait(false);
