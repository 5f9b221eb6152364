/// The size of a running job and how it is divided: what each thread is told when the job begins.
struct JobInfo {
    let pieces: Int
    let threads: Int
    /// Counts jobs in which threads help each other.
    let round: Int

    func share(of thread: Int) -> Range<Int> { (pieces * thread / threads)..<(pieces * (thread + 1) / threads) }

    /// The same for another number of pieces.
    func dividing(_ pieces: Int) -> JobInfo { JobInfo(pieces: pieces, threads: threads, round: round) }
}
