using Warden.Emulator.Programs.Text;
using Xunit;

namespace Warden.ConformanceTests.Units.Shell;

public sealed class PosixRegexTests
{
    [Theory]
    [InlineData("a+b", true, "xaab", "aab")]
    [InlineData("a+b", false, "a+b", "a+b")]
    [InlineData(@"a\+b", false, "aab", "aab")]
    [InlineData("*a", false, "*a", "*a")]
    [InlineData("^[[:digit:]]{2,3}$", true, "123", "123")]
    [InlineData(@"\(a\)\1", false, "baa", "aa")]
    [InlineData("a+?", true, "aaa", "aaa")]
    [InlineData("[]a]+", true, "x]a]", "]a]")]
    [InlineData("[^]a]", true, "]ab", "b")]
    [InlineData(@"\<foo\>", false, "a foo b", "foo")]
    [InlineData("a{,2}b", true, "aaab", "aab")]
    [InlineData("a{x", true, "a{x", "a{x")]
    [InlineData("(^|,)b", true, "a,b", ",b")]
    [InlineData("a$b", false, "a$b", "a$b")]
    [InlineData("[a\\]", true, "\\", "\\")]
    public void An_expression_matches_what_posix_says(string pattern, bool extended, string subject, string expected) =>
        Assert.Equal(expected, PosixRegex.Compile(pattern, extended, ignoreCase: false).Match(subject).Value);

    [Theory]
    [InlineData("[a", true, "Unmatched [, [^, [:, [., or [=")]
    [InlineData("(a", true, @"Unmatched ( or \(")]
    [InlineData(@"a\)", false, @"Unmatched ) or \)")]
    [InlineData("a\\", true, "Trailing backslash")]
    [InlineData("[z-a]", true, "Invalid range end")]
    [InlineData(@"\1", false, "Invalid back reference")]
    [InlineData("[[:foo:]]", true, "Invalid character class name")]
    public void A_malformed_expression_is_refused_in_the_words_of_regerror(string pattern, bool extended, string message) =>
        Assert.Equal(message, Assert.Throws<PosixRegexException>(() => PosixRegex.Compile(pattern, extended, ignoreCase: false)).Message);
}
