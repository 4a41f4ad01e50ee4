using System.Globalization;
using Warden.Mutants;

// usage: Mutants ROOT LIST EQUIVALENT COUNT SEED
// Weaves the faults of LIST and COUNT more, drawn by SEED, into the sources beneath ROOT, a copy of the repository that is only ever
// built to be tested. Prints a line for each: its id, file and description, separated by tabs; then one for each fault of EQUIVALENT
// that the draw passed over: "=", its file, description and reason.
var (root, list, equivalent) = (args[0], args[1], args[2]);
var (count, seed) = (int.Parse(args[3], CultureInfo.InvariantCulture), int.Parse(args[4], CultureInfo.InvariantCulture));

string[] drawnFrom = ["Warden.Spec/Commands", "Warden.Spec/Containers", "Warden.Spec/Protocol", "Warden.Spec/Server", "Warden.Emulator/Backend", "Warden.Emulator/Machine", "Warden.Emulator/FileSystem", "Warden.Emulator/Network"];
var files = drawnFrom.SelectMany(directory => Directory.EnumerateFiles(Path.Combine(root, directory), "*.cs", SearchOption.AllDirectories))
    .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'));

var written = WrittenFaults.Read(root, list).ToList();
var equivalents = new EquivalentFaults(equivalent);
var drawn = DrawnFaults.Draw(root, files, written, equivalents, (count, seed));
var faults = written.Concat(drawn).ToList();

foreach (var inFile in faults.GroupBy(fault => fault.File))
{
    var path = Path.Combine(root, inFile.Key);
    var text = File.ReadAllText(path);
    foreach (var fault in inFile.OrderByDescending(fault => fault.Start))
    {
        text = string.Concat(text.AsSpan(0, fault.Start), fault.Replacement, text.AsSpan(fault.Start + fault.Length));
    }

    File.WriteAllText(path, text);
}

File.WriteAllText(Path.Combine(root, "Warden.Spec/Mutant.cs"), """
    namespace Warden.Spec;

    /// <summary>The fault that is switched on in this process.</summary>
    public static class Mutant
    {
        private static readonly string? Active = Environment.GetEnvironmentVariable("WARDEN_MUTANT");

        /// <summary>Whether a fault is on.</summary>
        public static bool Is(string id) => Active == id;
    }

    """);

foreach (var fault in faults)
{
    Console.WriteLine($"{fault.Id}\t{fault.File}\t{fault.Description}");
}

foreach (var (file, description, reason) in equivalents.PassedOver)
{
    Console.WriteLine($"=\t{file}\t{description}\t{reason}");
}
