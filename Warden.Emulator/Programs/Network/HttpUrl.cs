namespace Warden.Emulator.Programs;

/// <summary>The parts of an http URL (RFC 3986).</summary>
internal sealed record HttpUrl(string Scheme, string Host, int Port, string PathAndQuery)
{
    public string Text => $"{Scheme}://{Authority}{PathAndQuery}";

    /// <summary>Host, and the port where it is not the scheme's.</summary>
    public string Authority => Port == 80 ? Host : $"{Host}:{Port}";

    /// <summary>The last part of the path; empty when it ends with a slash.</summary>
    public string FileName
    {
        get
        {
            var path = PathAndQuery.Split('#')[0];
            var query = path.IndexOf('?', StringComparison.Ordinal);
            var end = query < 0 ? path.Length : query;
            return path[(path.LastIndexOf('/', Math.Max(0, end - 1)) + 1)..];
        }
    }

    /// <summary>The scheme that the text names, "http" when none.</summary>
    public static string SchemeOf(string text)
    {
        var at = text.IndexOf("://", StringComparison.Ordinal);
        return at < 0 ? "http" : text[..at].ToLowerInvariant();
    }

    /// <summary>Parses; null when there is no host or the port is none.</summary>
    public static HttpUrl? Parse(string text)
    {
        var scheme = SchemeOf(text);
        var at = text.IndexOf("://", StringComparison.Ordinal);
        var rest = at < 0 ? text : text[(at + 3)..];
        var slash = rest.IndexOfAny(['/', '?', '#']);
        var authority = slash < 0 ? rest : rest[..slash];
        var path = slash < 0 ? "/" : rest[slash] == '/' ? rest[slash..] : "/" + rest[slash..];
        path = path.Split('#')[0];
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        var colon = authority.LastIndexOf(':');
        var port = 80;
        if (colon >= 0)
        {
            if (!int.TryParse(authority[(colon + 1)..], out port) || port is < 0 or > 65535)
            {
                return null;
            }
            authority = authority[..colon];
        }
        return authority.Length == 0 ? null : new HttpUrl(scheme, authority, port, path);
    }

    /// <summary>Where a Location of an answer from here leads.</summary>
    public HttpUrl? Follow(string location)
    {
        if (location.Contains("://", StringComparison.Ordinal))
        {
            return Parse(location);
        }
        if (location.StartsWith("//", StringComparison.Ordinal))
        {
            return Parse(Scheme + ":" + location);
        }
        if (location.StartsWith('/'))
        {
            return this with { PathAndQuery = location };
        }
        var path = PathAndQuery.Split('?')[0];
        return this with { PathAndQuery = path[..(path.LastIndexOf('/') + 1)] + location };
    }
}
