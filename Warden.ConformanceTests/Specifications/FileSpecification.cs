using Warden.ConformanceTests.Targets;
using Warden.ConformanceTests.Wire;
using Xunit;

namespace Warden.ConformanceTests.Specifications;

/// <summary>Files as the programs of a container meet them (§3): what its kernel and bash do anywhere.</summary>
public abstract class FileSpecification(Target target) : Specification(target)
{
    [SkippableFact]
    [Clause("WRD-FILE-001")]
    public Task FilesAreOpenedAndCut() => ExpectAsync(
        """
        mkdir d; echo abc > f; ln -s loop loop; ln -s f link; ln -s nowhere dangling
        cat d; cat f/; cat none; cat loop; cat f/x; cat ''
        echo x > d; echo x > new/; echo x > none/f; echo x > /etc/hostname; echo x > f/y
        (set -C; echo z > f)
        echo def > link; cat f; echo ghi >> f; cat f; : > f; wc -c < f
        echo made > dangling; cat nowhere
        cat /etc/shadow; cd f; cd none; cd /root
        """,
        """
        cat: d: Is a directory
        cat: f/: Not a directory
        cat: none: No such file or directory
        cat: loop: Too many levels of symbolic links
        cat: f/x: Not a directory
        cat: '': No such file or directory
        /bin/bash: line 3: d: Is a directory
        /bin/bash: line 3: new/: Is a directory
        /bin/bash: line 3: none/f: No such file or directory
        /bin/bash: line 3: /etc/hostname: Permission denied
        /bin/bash: line 3: f/y: Not a directory
        /bin/bash: line 4: f: cannot overwrite existing file
        def
        def
        ghi
        0
        made
        cat: /etc/shadow: Permission denied
        /bin/bash: line 7: cd: f: Not a directory
        /bin/bash: line 7: cd: none: No such file or directory
        /bin/bash: line 7: cd: /root: Permission denied
        """);

    [SkippableFact]
    [Clause("WRD-FILE-002")]
    public Task ChangesSetTheTime() => ExpectAsync(
        """
        echo 1 > f; touch -d 2001-01-01 f; touch -d 2005-01-01 old; mkdir d
        echo x >> f; test f -nt old || echo a write leaves the time
        touch -d 2001-01-01 f; : > f; test f -nt old || echo a cut leaves the time
        touch -d 2001-01-01 d; touch d/x; test d -nt old || echo a new name leaves the time
        touch -d 2001-01-01 d; rm d/x; test d -nt old || echo a removed name leaves the time
        touch -d 2001-01-01 f; chmod 600 f; test f -nt old && echo a mode changes the time
        stat -c '%h %a %s %F' f; stat -c '%a %F' d
        ls
        """,
        """
        1 600 0 regular empty file
        755 directory
        d
        f
        old
        """);

    [SkippableFact]
    [Clause("WRD-FILE-003")]
    public Task NamesAreLinkedMovedAndRemoved() => ExpectAsync(
        """
        mkdir d; echo one > f; ln f g; stat -c %h f; mv g h; rm f; stat -c %h h; cat h
        ln -s h s; stat -c '%F %s' s; stat -L -c %F s; ln d dd; ln h d; stat -c %h h; ln h d/h
        echo two > i; mv i h; cat h d/h; mkdir e; mv -T d e; echo $?; rm e/h; mv -T e x; mkdir y y/z; mv -T x y; ls
        mv -T h y; mv -T y h; mv y y/z; mv h y/none/x; mv . n; mv -T y/.. n; mv y/z/. n; mv none n; mv h h; mv h/ n; mv h n/; ls
        mkdir y; mkdir none/x; mkdir h/x; rmdir y; rmdir h; rmdir none; rm y; rmdir .; rmdir y/z/..; rm -r y; ls
        """,
        """
        2
        1
        one
        symbolic link 1
        regular file
        ln: d: hard link not allowed for directory
        2
        ln: failed to create hard link 'd/h': File exists
        two
        one
        0
        mv: cannot move 'x' to 'y': Directory not empty
        h
        s
        x
        y
        mv: cannot overwrite directory 'y' with non-directory
        mv: cannot overwrite non-directory 'h' with directory 'y'
        mv: cannot move 'y' to a subdirectory of itself, 'y/z/y'
        mv: cannot move 'h' to 'y/none/x': No such file or directory
        mv: cannot move '.' to 'n': Device or resource busy
        mv: cannot move 'y/..' to 'n': Device or resource busy
        mv: cannot move 'y/z/.' to 'n': Device or resource busy
        mv: cannot stat 'none': No such file or directory
        mv: 'h' and 'h' are the same file
        mv: cannot stat 'h/': Not a directory
        mv: cannot move 'h' to 'n/': Not a directory
        h
        s
        x
        y
        mkdir: cannot create directory 'y': File exists
        mkdir: cannot create directory 'none/x': No such file or directory
        mkdir: cannot create directory 'h/x': Not a directory
        rmdir: failed to remove 'y': Directory not empty
        rmdir: failed to remove 'h': Not a directory
        rmdir: failed to remove 'none': No such file or directory
        rm: cannot remove 'y': Is a directory
        rmdir: failed to remove '.': Invalid argument
        rmdir: failed to remove 'y/z/..': Directory not empty
        h
        s
        x
        """);

    [SkippableFact]
    [Clause("WRD-FILE-004")]
    public Task DescriptorsKeepTheirPlaceAndTheirAccess() => ExpectAsync(
        """
        exec 3> o; echo a >&3; echo b >&3; cat <&3; exec 3>&-; echo c >&3; cat o
        exec 4< o; read x <&4; read y <&4; echo $x$y; echo z >&4; exec 4<&-
        exec 5<> o; read x <&5; echo Q >&5; cat o; exec 5>&-
        echo 12345 > o; dd if=/dev/zero of=o bs=1 count=2 seek=3 conv=notrunc 2> /dev/null; od -An -c o; dd if=o bs=1 skip=1 count=2 2> /dev/null; echo
        truncate -s 10 o; wc -c < o; truncate -s 3 o; cat o; echo; dd if=/dev/zero of=sparse bs=1 count=0 seek=1M 2> /dev/null; stat -c '%s' sparse
        exec 3> /dev/null; cat <&3; exec 4< /dev/null; echo x >&4
        exec 7<> gone; echo still > gone; rm gone; cat <&7; ls gone; exec 7<&-
        (ulimit -n 20; exec 2> /dev/null 3<&0; for i in $(seq 4 30); do eval "exec $i< /dev/null" || break; done; echo $i)
        """,
        """
        cat: -: Bad file descriptor
        /bin/bash: line 1: 3: Bad file descriptor
        a
        b
        ab
        /bin/bash: line 2: echo: write error: Bad file descriptor
        a
        Q
           1   2   3  \0  \0  \n
        23
        10
        123
        1048576
        cat: -: Bad file descriptor
        /bin/bash: line 6: echo: write error: Bad file descriptor
        still
        ls: cannot access 'gone': No such file or directory
        20
        """);

    [SkippableFact]
    [Clause("WRD-FILE-005")]
    public Task PipesAndDevicesAreThere() => ExpectAsync(
        """
        echo x > /dev/null; wc -c < /dev/null; head -c 5 /dev/zero | od -An -tx1; echo x > /dev/full; head -c 8 /dev/urandom | wc -c
        test "$(head -c 16 /dev/urandom | md5sum)" != "$(head -c 16 /dev/urandom | md5sum)" && echo differ
        mkfifo p; echo through > p & cat p; wait; stat -c %F p
        mkfifo q; exec 6<>q; echo kept >&6; read x <&6; echo $x; exec 6>&-
        (echo one; echo two) | (read a; cat); bash -c 'echo x; exit 3' | cat; echo ${PIPESTATUS[*]}
        head -c 200000 /dev/zero | (sleep 0.1; wc -c); yes | head -n 1; echo ${PIPESTATUS[0]}
        """,
        """
        0
         00 00 00 00 00
        /bin/bash: line 1: echo: write error: No space left on device
        8
        differ
        through
        fifo
        kept
        two
        x
        3 0
        200000
        y
        141
        """);

    [SkippableFact]
    [Clause("WRD-FILE-006")]
    public Task ProgramsAreExecutedByTheirMode() => ExpectAsync(
        """
        printf '#!/bin/sh\necho sh "$@"\n' > s; ./s; echo $?; chmod +x s; ./s a b
        printf 'echo plain\n' > t; chmod +x t; ./t; printf '#! /bin/cat -n\nx\n' > v; chmod +x v; ./v
        printf '#!/none\n' > u; chmod +x u; ./u 2> /dev/null; echo $?; mkdir d; ./d; echo $?; ./none; echo $?
        cp /bin/echo e; ./e copied; printf '#!./s\n' > i; chmod +x i; ./i z; ./s/x; echo $?
        """,
        """
        /bin/bash: line 1: ./s: Permission denied
        126
        sh a b
        plain
             1	#! /bin/cat -n
             2	x
        127
        /bin/bash: line 3: ./d: Is a directory
        126
        /bin/bash: line 3: ./none: No such file or directory
        127
        copied
        sh ./i z
        /bin/bash: line 4: ./s/x: Not a directory
        126
        """);

    [SkippableFact]
    [Clause("WRD-FILE-007")]
    public async Task ModesAndOwnersRule()
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await OutputAsync(
            connection,
            handle,
            """
            cd /tmp; mkdir open sticky shut; chmod 777 open sticky; chmod +t sticky
            for d in open sticky shut; do echo roots > $d/f; chmod 666 $d/f; done
            echo roots > r; chmod 604 r; printf x > set; chmod 6777 set
            mkdir group; chown :vcap group; chmod 2777 group; mkdir roots; chmod 2777 roots
            mkdir -m 711 pass; echo in > pass/in; mkdir -m 744 list; echo in > list/in
            """,
            ("privileged", true));
        await ExpectAsync(
            connection,
            handle,
            """
            cd /tmp; rm -f open/f; rm -f sticky/f; rm -f shut/f; echo x > shut/f; echo x > shut/new; mv sticky/f sticky/g; mv open sticky/o; touch sticky/own; rm sticky/own
            cat r; echo x > r; cat list/in; cat pass/in; ls pass; cd list
            stat -c %a set; echo y >> set; stat -c %a set; chmod 755 r; chown vcap r; touch group/x roots/x; stat -c %G group/x roots/x; mkdir roots/d; stat -c '%a %G' roots/d
            touch y; chmod 000 y; cat y; chmod 200 y; cat y; echo z > y; chmod 400 y; echo z > y; cat y; ./y; chmod 500 y
            umask 077; touch u; stat -c %a u; mkdir v; stat -c %a v; touch -d 2001-01-01 r; touch sticky; test -w r || echo not writable; test -r r && echo readable; test -x y && echo runs
            """,
            """
            rm: cannot remove 'sticky/f': Operation not permitted
            rm: cannot remove 'shut/f': Permission denied
            /bin/bash: line 1: shut/new: Permission denied
            mv: cannot move 'sticky/f' to 'sticky/g': Operation not permitted
            mv: cannot move 'open' to 'sticky/o': Operation not permitted
            roots
            /bin/bash: line 2: r: Permission denied
            cat: list/in: Permission denied
            in
            ls: cannot open directory 'pass': Permission denied
            /bin/bash: line 2: cd: list: Permission denied
            6777
            777
            chmod: changing permissions of 'r': Operation not permitted
            chown: changing ownership of 'r': Operation not permitted
            vcap
            root
            2755 root
            cat: y: Permission denied
            cat: y: Permission denied
            /bin/bash: line 4: y: Permission denied
            z
            /bin/bash: line 4: ./y: Permission denied
            600
            700
            touch: cannot touch 'r': Permission denied
            not writable
            readable
            runs
            """);
    }

    private async Task ExpectAsync(string script, string expected)
    {
        var (connection, handle) = await ConnectAndCreateAsync();
        await ExpectAsync(connection, handle, script, expected);
    }

    /// <summary>Runs the script with its standard error among its output, in their order.</summary>
    private static async Task ExpectAsync(WireConnection connection, string handle, string script, string expected)
    {
        var result = await RunAsync(connection, handle, $"export LC_ALL=C; exec 2>&1; {script}\n");

        Assert.Equal($"{expected}\n", result.Output);
    }
}
