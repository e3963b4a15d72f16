namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>Several ascending sequences → one, reading no further ahead than one element of each.</summary>
internal static class AscendingMerge
{
    public static IEnumerable<T> Of<T>(IEnumerable<IEnumerable<T>> sequences, Func<T, long> key)
    {
        var heads = new PriorityQueue<IEnumerator<T>, (long Key, int Order)>();
        var order = 0;
        try
        {
            foreach (var sequence in sequences)
            {
                var head = sequence.GetEnumerator();
                if (head.MoveNext()) heads.Enqueue(head, (key(head.Current), order++));
                else head.Dispose();
            }

            while (heads.TryDequeue(out var head, out var priority))
            {
                yield return head.Current;
                if (head.MoveNext()) heads.Enqueue(head, (key(head.Current), priority.Order));
                else head.Dispose();
            }
        }
        finally
        {
            while (heads.TryDequeue(out var head, out _)) head.Dispose();
        }
    }
}
