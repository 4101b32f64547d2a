/// Every bound of the terminal half, with its unit and reason.
package enum TerminalLimits {
  /// Bytes of one line of a script: a pasted configuration fits, a binary file by mistake does not.
  package static let scriptLineBytesMax = 1 << 20
  /// Files that read one another: one that reads itself would never end.
  package static let scriptDepthMax = 16
  /// Bytes of one bracketed paste; libedit redraws the line on each key, and longer is no typing.
  package static let pasteBytesMax = 64 << 10
  /// Milliseconds that the rest of a paste's first mark may take; a lone Escape waits as long.
  package static let escapeWaitMilliseconds: Int32 = 30
  /// Lines of history that are read back, newest last.
  package static let historyLinesMax = 10_000
  /// Bytes at the end of the history file that are read back; the file itself is only appended to.
  package static let historyBytesMax = 8 << 20
  /// Completions printed under one Tab; past it a line says how many more there are.
  package static let completionsMax = 200
  /// Announcements waiting to be printed; past it the oldest go, and a line says how many.
  package static let announcementsMax = 1_000
  /// Rows held back to measure the columns of a table.
  package static let tableRowsMeasured = 1_000
  /// Bytes of text held back to measure the columns of a table.
  package static let tableBytesMeasured = 8 << 20
  /// Cells of one column of a table where no window bounds it.
  package static let tableCellsMax = 200
  /// Cells up to which text of a column that nothing is known of is never cut; as `tableCellsMax`.
  package static let wholeCellsMax = tableCellsMax
  /// Cells of a word that a table rather keeps in one line: ids of objects have 26.
  package static let partCellsMax = 26
  /// Lines that one value takes in a table: the longest error has four on 80 columns.
  package static let cellLinesMax = 40
  /// Cells of a value that are looked at to find the width of its column.
  package static let cellsMeasured = 4_000
  /// Different values of a column that are held apart when it is shortened: a screen of them.
  package static let valuesHeldApart = 60
  /// Events that a tree holds: a few MB, and more than anybody reads.
  package static let treeEventsMax = 2_000
  /// Events on one page for a browser: some 10 MB, which browsers still open.
  package static let pageEventsMax = 20_000
  /// Feeds whose polls are drawn, a line each: a screen or two.
  package static let stripsMax = 40
  /// Fields of one version that differ and are told in lines.
  package static let differencesShown = 40
  /// Deliveries of one version that are told in lines.
  package static let deliveriesShown = 20
  /// Scalars of one character that are printed; a family of four with skin tones has 11.
  package static let clusterScalarsMax = 32
  /// Bytes of a body or payload that `show` prints: some screens, with the ends of what is long
  /// left to `--raw`.
  package static let bodyBytesShown = 32 << 10
  /// Payloads of one event that `show` prints; a poll can have thousands of pages.
  package static let payloadsShown = 20
  /// Bytes of a file in PEM that a setting names; the authorities of a whole system have 250 kB.
  package static let pemBytesMax = 4 << 20
  /// Bytes of one argument of a printed command: Linux takes 128 KiB.
  package static let argumentBytesMax = 100 << 10
  /// Bytes given to a pager that are kept in memory in case that it fails, before a file has them.
  package static let pagerBytesKept = 1 << 20
  /// How long work goes on before a person is shown how far it is: within half a second of what was
  /// typed, also in a new process.
  package static let progressAfter = Duration.milliseconds(400)
  /// How often that is drawn anew: often enough to move, and a write of some bytes.
  package static let progressEvery = Duration.milliseconds(100)
  /// Bytes of items that a poll by hand keeps to be shown again: a hundred pages of events.
  package static let stepBytesKept = 64 << 20
  /// Bytes gathered before a write to the descriptor.
  package static let outputBytesGathered = 64 << 10
}
