using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Warden.Spec.Server.Configuration;

/// <summary>
/// Reads a YAML text into nodes that know their lines and paths. Anchors, aliases and merge keys (&lt;&lt;) work as in YAML 1.1. Nothing
/// is deserialised by type, so that no reflection is needed.
/// </summary>
internal sealed class YamlTree
{
    // An alias may name a value that holds aliases; a file of a few lines could grow without bound.
    private const int MaxNodes = 100_000;

    private readonly string _file;
    private readonly Parser _parser;
    private readonly Dictionary<string, List<ParsingEvent>> _anchors = new(StringComparer.Ordinal);
    private readonly List<string> _problems;
    private Queue<ParsingEvent>? _replay;
    private int _nodes;

    private YamlTree(string text, string file, List<string> problems)
    {
        _file = file;
        _problems = problems;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The value of the file's first document; null when it is empty.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">The name for messages.</param>
    /// <param name="problems">Takes duplicate keys.</param>
    /// <exception cref="ConfigurationException">It is not YAML.</exception>
    public static ConfigurationNode? Read(string text, string file, List<string> problems)
    {
        var tree = new YamlTree(text, file, problems);
        try
        {
            return tree.ReadDocument();
        }
        catch (Exception e) when ((e is YamlException or InvalidOperationException) && TabbedLine(text) > 0)
        {
            throw tree.NotYaml(TabbedLine(text), "the indentation holds a tab, where only spaces may be", e);
        }
        catch (YamlException e)
        {
            throw tree.NotYaml(Math.Max(e.Start.Line, e.End.Line), Reason(e), e);
        }
        catch (InvalidOperationException e)
        {
            // The parser loses its own place in some texts that are no YAML.
            throw tree.NotYaml(tree._parser.Current?.End.Line ?? 1, "what follows cannot be read", e);
        }
    }

    private ConfigurationException NotYaml(long line, string reason, Exception cause) =>
        new([.. _problems, $"{_file}:{line}: not valid YAML: {reason}"], cause);

    /// <summary>The first line whose indentation holds a tab, which the parser places elsewhere; 0 when there is none.</summary>
    private static int TabbedLine(string text)
    {
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            var indentation = line[..^line.TrimStart(" \t").Length];
            if (indentation.Contains('\t') && indentation.Length < line.Length)
            {
                return number;
            }
        }

        return 0;
    }

    private static string Reason(YamlException exception)
    {
        var message = exception.Message;
        var detail = message.IndexOf("): ", StringComparison.Ordinal);
        return detail < 0 ? message : message[(detail + 3)..];
    }

    private ConfigurationNode? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        var root = ReadNode("");
        _parser.Consume<DocumentEnd>();
        return root;
    }

    private ConfigurationNode ReadNode(string path)
    {
        var first = Next();
        if (++_nodes > MaxNodes)
        {
            throw new YamlException(first.Start, first.End, "the file is too large");
        }

        if (first is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            // The whole value is kept as events: an alias reads it again, under its own path.
            var events = Record(first);
            _anchors[anchored.Anchor.Value] = events;
            return Replay(events, path);
        }

        return first switch
        {
            AnchorAlias alias => Replay(
                _anchors.GetValueOrDefault(alias.Value.Value)
                    ?? throw new YamlException(alias.Start, alias.End, $"the anchor {alias.Value.Value} is not defined before"), path),
            _ => Build(first, path),
        };
    }

    private ConfigurationNode Build(ParsingEvent first, string path)
    {
        var line = (int)first.Start.Line;
        switch (first)
        {
            case Scalar scalar:
                var plain = scalar.Style is ScalarStyle.Plain && scalar.Tag.IsEmpty;
                return new ScalarNode(line, path, scalar.Value, plain);
            case SequenceStart:
                var items = new List<ConfigurationNode>();
                while (Peek() is not SequenceEnd)
                {
                    items.Add(ReadNode($"{path}[{items.Count}]"));
                }

                Next();
                return new ListNode(line, path, items);
            case MappingStart:
                return ReadMap(line, path);
            default:
                throw new YamlException(first.Start, first.End, "a value is missing");
        }
    }

    private MapNode ReadMap(int line, string path)
    {
        var entries = new List<MapEntry>();
        var merged = new List<MapEntry>();
        var keys = new Dictionary<string, int>(StringComparer.Ordinal);
        while (Peek() is not MappingEnd)
        {
            var keyEvent = Peek();
            if (ReadNode(path) is not ScalarNode key)
            {
                throw new YamlException(keyEvent.Start, keyEvent.End, "a key must be a single word");
            }

            var keyPath = path.Length == 0 ? key.Text : $"{path}.{key.Text}";
            if (key is { Plain: true, Text: "<<" })
            {
                Merge(ReadNode(path), merged);
                continue;
            }

            var value = ReadNode(keyPath);
            if (!keys.TryAdd(key.Text, key.Line))
            {
                _problems.Add($"{_file}:{key.Line}: {keyPath}: expected each key once, found it on line {keys[key.Text]} already");
            }

            entries.Add(new MapEntry(key.Line, key.Text, value));
        }

        Next();
        entries.AddRange(merged.Where(entry => keys.TryAdd(entry.Key, entry.Line)));
        return new MapNode(line, path, entries);
    }

    private void Merge(ConfigurationNode source, List<MapEntry> merged)
    {
        switch (source)
        {
            case MapNode map:
                merged.AddRange(map.Entries);
                break;
            case ListNode list:
                foreach (var item in list.Items)
                {
                    Merge(item, merged);
                }

                break;
            default:
                _problems.Add($"{_file}:{source.Line}: {source.Path}: expected a mapping to merge, found {source.Description}");
                break;
        }
    }

    private List<ParsingEvent> Record(ParsingEvent first)
    {
        var events = new List<ParsingEvent> { first };
        for (var depth = first.NestingIncrease; depth > 0;)
        {
            var next = Next();
            depth += next.NestingIncrease;
            events.Add(next);
        }

        return events;
    }

    private ConfigurationNode Replay(List<ParsingEvent> events, string path)
    {
        var outer = _replay;
        _replay = new Queue<ParsingEvent>(events);
        var node = Build(_replay.Dequeue(), path);
        _replay = outer;
        return node;
    }

    private ParsingEvent Peek()
    {
        if (_replay is not null)
        {
            return _replay.Peek();
        }

        return _parser.Accept<ParsingEvent>(out var current) ? current : throw new YamlException("the file ends within a value");
    }

    private ParsingEvent Next() => _replay is not null ? _replay.Dequeue() : _parser.Consume<ParsingEvent>();
}
