package import Events
import Glibc

/// Why the log could not go on. Each says what failed and on what; none holds a body or a secret.
package enum JournalError: Error, Equatable {
  /// The file is not a journal; it was left untouched.
  case notAJournal(path: String, why: String)
  /// The file is a journal, but its protected tables are not ours, or SQLite calls it corrupt.
  case damaged(path: String, why: String)
  /// There is nothing at the path, or what was left of a journal that was never made.
  case noJournal(path: String)
  /// The file cannot be opened or made: a missing folder, no permission.
  case cannotOpen(path: String, why: String)
  /// The file is a backup: it is read as it is, and put to work by restoring it.
  case backup(path: String)
  /// A newer program has written this journal; this one may read it.
  case newerProgram(path: String)
  /// The request takes tables of this program's making, and those in force are an older
  /// one's. Trying again helps, once they are made anew.
  case rebuilding(path: String, reached: Int64, head: Int64)
  /// The journal, its folder or what SQLite keeps beside it may only be read.
  case readOnly(path: String)
  /// A program was ended while it wrote; who may write puts that right.
  case unfinished(path: String)
  /// Another file stands at the journal’s path, or none: what is written goes where nobody sees it.
  case moved(path: String, why: String)
  /// The tables that the log is folded into are not what the log makes of them.
  case misfolded(path: String, why: String)
  /// The disk or the system failed.
  case disk(path: String, what: String, errno: Int32)
  /// The disk is full; nothing was written.
  case full(path: String)
  /// Another process held the lock for too long. Trying again helps.
  case busy(path: String)
  /// Somebody else appended to the stream first: load again and decide again.
  case conflict(stream: StreamName, expected: Int64, actual: Int64)
  /// The payloads that a poll had kept on disk are gone: another process took them for left behind.
  case stagingLost(path: String)
  /// Events that were to be taken in do not continue this log.
  case foreign(path: String, why: String)
  /// Something asked for is past its bound.
  case tooLarge(what: String, bytes: Int, most: Int)
  /// A payload that is not kept here any more, or never was.
  case noPayload(digest: String, expungedBy: Int64? = nil)
  /// A payload's bytes do not have its digest.
  case alteredPayload(digest: String)
  /// Events that were archived, in a file that is not at hand.
  case noArchive(path: String, first: Int64, last: Int64)
  /// An event of a type or shape that this program does not know.
  case unreadable(position: Int64, type: String)
  /// The key file is missing, has the wrong size or opens nothing.
  case key(path: String, why: String)
  /// A statement that a person wrote is not one that can be carried out.
  case question(String)
  /// A query was told to stop: its time was up, or nobody waits for it any more.
  case stopped
  /// A simulation ended the process here.
  case died
  /// SQLite refused for another reason.
  case sqlite(code: Int32, message: String, statement: String)
}

extension JournalError {
  /// True for a journal that somebody or something has changed.
  package var isDamage: Bool {
    switch self {
    case .damaged, .unreadable, .misfolded: true
    // 1: SQLite cannot make sense of what it was to read. Source: sqlite.org, “Result codes”.
    case .sqlite(let code, _, _): code == 1
    default: false
    }
  }
}

extension JournalError {
  /// True where it stands in the way of writing alone: what is there can be read all the same.
  package var isOfWriting: Bool {
    switch self {
    case .readOnly, .cannotOpen, .full, .busy, .disk, .moved, .backup: true
    default: false
    }
  }
}

extension JournalError {
  /// The same, where it came up in folding into tables in force: a statement of ours that cannot be
  /// prepared, or meets a row that should not be there yet, says that they are not ours any more.
  func ofFolding(_ path: String) -> JournalError {
    // 1: an error in a statement, 19: a constraint. Source: sqlite.org, “Result and Error Codes”.
    guard case .sqlite(let code, let message, _) = self, [1, 19].contains(code & 0xff) else {
      return self
    }
    return .misfolded(path: path, why: "the projections cannot be folded on (\(message))")
  }
}

extension JournalError: CustomStringConvertible {
  /// One sentence: what, where and how to mend it.
  package var description: String {
    switch self {
    case .notAJournal(let path, let why):
      "\(path) is not a Daybook journal (\(why)); it was left untouched. Name another file."
    case .damaged(let path, let why):
      "\(path) is damaged: \(why). Work on from a backup, and keep this file for a look."
    case .noJournal(let path):
      "there is no journal at \(path)"
    case .cannotOpen(let path, let why): "cannot open \(path): \(why)"
    case .backup(let path):
      "\(path) is a backup, which is read and not written: `restore` makes a journal of it"
    case .newerProgram(let path):
      "\(path) was written by a newer Daybook; this one may read it, not append. Update Daybook."
    case .rebuilding(let path, let reached, let head):
      "the tables of \(path) are an older Daybook's, and those that take their place are made of"
        + " \(reached) of \(head) events so far; `daybook rebuild` makes the rest"
    case .readOnly(let path):
      "\(path) may only be read by this user, or its folder may; nothing was written"
    case .unfinished(let path):
      "\(path) was left half written by a program that was ended; a user who may write it puts that"
        + " right by opening it"
    case .moved(_, let why):
      "\(why). Nothing more is written or sent. Put things back as they were, or start"
        + " again with what is there now"
    case .misfolded(let path, let why):
      "\(path): \(why). The events themselves are not touched by it: `daybook rebuild` makes these"
        + " tables anew from them"
    case .disk(let path, let what, let number):
      "\(path): \(what)\(number == 0 ? "" : ": " + String(cString: strerror(number)))."
        + " Look after its disk, then try again; `verify` tells whether all is there"
    case .full(let path):
      "no room to write \(path): the disk is full. Nothing was written; make room and try again."
    case .busy(let path):
      "another process holds \(path); try again, and if that does not help, end it"
    case .conflict(let stream, let expected, let actual):
      "\(stream) is at version \(actual), not \(expected): somebody else was faster; try again"
    case .foreign(let path, let why): "\(path): \(why)"
    case .stagingLost(let path):
      "what the poll had kept in \(path) is gone; poll again"
    case .tooLarge(let what, let bytes, let most):
      "\(what) has \(bytes) bytes; at most \(most) are allowed"
    case .noPayload(let digest, nil): "the bytes with digest \(digest) are not kept in this journal"
    case .noPayload(let digest, let position?):
      "the bytes with digest \(digest) were removed by event \(position)"
    case .alteredPayload(let digest): "the bytes kept under digest \(digest) are not the original"
    case .noArchive(let path, let first, let last):
      "events \(first) to \(last) were archived, and their file is not at hand: put it back at"
        + " \(path)"
    case .unreadable(let position, let type):
      "event \(position) of type \(type) cannot be read by this program; update Daybook"
    case .key(let path, let why): "key file \(path): \(why)"
    case .stopped: "the query was stopped before its end; narrow it down, or give it more time"
    case .question(let why): why
    case .died: "the simulation ended the process"
    case .sqlite(let code, let message, let statement):
      "SQLite error \(code) in \(statement): \(message)"
    }
  }
}
