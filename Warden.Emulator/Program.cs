using Warden.Emulator.Commands;

return await EmulatorCommandLine.InvokeAsync(args).ConfigureAwait(false);
