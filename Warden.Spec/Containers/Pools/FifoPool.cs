namespace Warden.Spec.Containers.Pools;

/// <summary>
/// The numbers 0 to <c>size</c> − 1, handed out in the order in which they came back; a released one rests before it is handed out again.
/// Numbers that were never handed out take no memory, and each operation takes constant time.
/// </summary>
internal sealed class FifoPool
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _rest;
    private readonly int _size;

    // Fresh numbers from _fresh on precede everything that came back. _takenFresh holds those among them that were asked for by their
    // number: they come back like any other and are passed over when _fresh reaches them.
    private int _fresh;
    private readonly HashSet<int> _takenFresh = [];
    private readonly LinkedList<int> _ready = new();
    private readonly Dictionary<int, LinkedListNode<int>> _readyNodes = [];
    private readonly Queue<(int Number, long ReleasedAt)> _resting = new();
    private readonly HashSet<int> _out = [];

    public FifoPool(int size, TimeSpan rest, TimeProvider time)
    {
        _size = size;
        _rest = rest;
        _time = time;
    }

    /// <summary>Takes the number that has been free longest.</summary>
    public bool TryTake(out int number)
    {
        lock (_lock)
        {
            while (_fresh < _size)
            {
                number = _fresh++;
                if (!_takenFresh.Remove(number))
                {
                    _out.Add(number);
                    return true;
                }
            }

            Wake();
            if (_ready.First is { } first)
            {
                number = first.Value;
                Unlist(first);
                _out.Add(number);
                return true;
            }

            number = -1;
            return false;
        }
    }

    /// <summary>Takes this very number if it is free.</summary>
    public bool TryTake(int number)
    {
        if ((uint)number >= (uint)_size)
        {
            return false;
        }

        lock (_lock)
        {
            Wake();
            if (_readyNodes.TryGetValue(number, out var node))
            {
                Unlist(node);
                return _out.Add(number);
            }

            return number >= _fresh && _takenFresh.Add(number) && _out.Add(number);
        }
    }

    /// <summary>Takes a number back to rest. One that was not out is ignored.</summary>
    public void Release(int number) => Return(number, rests: _rest > TimeSpan.Zero);

    /// <summary>Takes a number back that was never used.</summary>
    public void GiveBack(int number) => Return(number, rests: false);

    private void Return(int number, bool rests)
    {
        lock (_lock)
        {
            if (!_out.Remove(number))
            {
                return;
            }

            if (rests)
            {
                _resting.Enqueue((number, _time.GetTimestamp()));
            }
            else
            {
                MakeReady(number);
            }
        }
    }

    private void Wake()
    {
        while (_resting.TryPeek(out var head) && _time.GetElapsedTime(head.ReleasedAt) >= _rest)
        {
            _resting.Dequeue();
            MakeReady(head.Number);
        }
    }

    private void MakeReady(int number) => _readyNodes.Add(number, _ready.AddLast(number));

    private void Unlist(LinkedListNode<int> node)
    {
        _ready.Remove(node);
        _readyNodes.Remove(node.Value);
    }
}
