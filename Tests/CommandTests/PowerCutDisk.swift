import Foundation
import Glibc

/// A folder on a disk that forgets: its files as they may stand after a power cut.
///
/// What was synced stays. Of what was written to a file since, any sectors may have arrived, in any
/// order; of what was done to the names in a folder since its sync, the first part, as file systems
/// with a journal of their own keep it. Sources: POSIX, `fsync`; Linux, ext4, *data=ordered*;
/// Pillai and others, All File Systems Are Not Created Equal, 2014.
struct PowerCutDisk {
  /// What may be left of the writes that nothing has synced.
  enum Fate: CaseIterable {
    case nothing, everything, some
  }

  private static let sector = 512

  fileprivate enum Change {
    case write(offset: Int, bytes: [UInt8])
    case length(Int)
  }

  private struct File {
    var bytes: [UInt8] = []
    var pending: [Change] = []
  }

  private enum Naming {
    case bind(String, file: Int)
    case unbind(String)
  }

  private var files: [Int: File] = [:]
  /// The file that an inode's number means now; one that is free is given away again.
  private var current: [Int64: Int] = [:]
  private var names: [String: Int] = [:]
  /// Names after everything that was done to them.
  private var latest: [String: Int] = [:]
  private var pending: [Naming] = []
  private let folder: String
  /// Records taken in.
  private(set) var calls = 0

  /// A folder whose files are all synced.
  init(_ folder: String) throws {
    self.folder = folder
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      let path = folder + "/" + name
      var facts = stat()
      guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { continue }
      let file = fresh(Int64(facts.st_ino))
      files[file]?.bytes = Array(FileManager.default.contents(atPath: path) ?? Data())
      names[path] = file
    }
    latest = names
  }

  /// A folder in which nothing stood.
  init(folder: String) { self.folder = folder }

  private mutating func fresh(_ inode: Int64) -> Int {
    let file = files.count + 1
    files[file] = File()
    current[inode] = file
    return file
  }

  /// Takes in the records of `powercut.c`.
  mutating func replay(_ log: [UInt8]) {
    var rest = log[...]
    while rest.count >= 48 {
      let numbers = (0..<6).map { place in
        rest.dropFirst(place * 8).prefix(8).reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
      }
      rest = rest.dropFirst(48)
      func text(_ count: Int64) -> String {
        defer { rest = rest.dropFirst(Int(count)) }
        return String(decoding: rest.prefix(Int(count)), as: UTF8.self)
      }
      let (name, other) = (text(numbers[4]), text(numbers[5]))
      let bytes = Array(rest.prefix(Int(numbers[3])))
      rest = rest.dropFirst(bytes.count)
      take(
        Character(Unicode.Scalar(UInt8(truncatingIfNeeded: numbers[0]))), inode: numbers[1],
        offset: Int(numbers[2]), name, other, bytes)
      calls += 1
    }
  }

  private mutating func take(
    _ call: Character, inode: Int64, offset: Int, _ name: String, _ other: String, _ bytes: [UInt8]
  ) {
    switch call {
    case "W": change(inode, .write(offset: offset, bytes: bytes))
    case "T": change(inode, .length(offset))
    case "S" where name == folder: settleNames()
    case "S": settle(inode)
    case "C": bind(name, fresh(inode))
    case "L": if let file = current[inode] { bind(other, file) }
    case "R":
      if let file = latest[name] { bind(other, file) }
      unbind(name)
    default: unbind(name)
    }
  }

  private mutating func change(_ inode: Int64, _ change: Change) {
    if let file = current[inode] { files[file]?.pending.append(change) }
  }

  private mutating func settle(_ inode: Int64) {
    guard let file = current[inode], let changes = files[file]?.pending else { return }
    for change in changes { files[file]?.bytes.apply(change) }
    files[file]?.pending = []
  }

  private mutating func bind(_ name: String, _ file: Int) {
    latest[name] = file
    pending.append(.bind(name, file: file))
  }

  private mutating func unbind(_ name: String) {
    latest[name] = nil
    pending.append(.unbind(name))
  }

  private mutating func settleNames() {
    names = latest
    pending = []
  }

  /// Leaves in the folder what a power cut now may leave of it; `-shm` never.
  func cut(_ fate: Fate, _ chance: inout SeededChance) throws {
    var left = names
    let arrived =
      switch fate {
      case .nothing: 0
      case .everything: pending.count
      case .some: chance.number(0...pending.count)
      }
    for naming in pending.prefix(arrived) {
      switch naming {
      case .bind(let name, let file): left[name] = file
      case .unbind(let name): left[name] = nil
      }
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      try FileManager.default.removeItem(atPath: folder + "/" + name)
    }
    for (path, file) in left.sorted(by: { $0.key < $1.key }) where !path.hasSuffix("-shm") {
      try Data(remains(of: file, fate, &chance)).write(to: URL(filePath: path))
      _ = chmod(path, 0o600)
    }
  }

  private func remains(of file: Int, _ fate: Fate, _ chance: inout SeededChance) -> [UInt8] {
    var bytes = files[file]?.bytes ?? []
    guard fate != .nothing else { return bytes }
    for change in files[file]?.pending ?? [] {
      guard fate == .some else {
        bytes.apply(change)
        continue
      }
      switch change {
      case .length: if chance.happens(permille: 500) { bytes.apply(change) }
      case .write(let offset, let written):
        for part in Self.sectors(offset, written) where chance.happens(permille: 500) {
          bytes.apply(part)
        }
      }
    }
    return bytes
  }

  /// The parts of a write that arrive whole or not at all.
  private static func sectors(_ offset: Int, _ bytes: [UInt8]) -> [Change] {
    var parts: [Change] = []
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + sector - (offset + start) % sector)
      parts.append(.write(offset: offset + start, bytes: Array(bytes[start..<end])))
      start = end
    }
    return parts
  }
}

extension [UInt8] {
  fileprivate mutating func apply(_ change: PowerCutDisk.Change) {
    switch change {
    case .length(let length):
      if length < count { removeLast(count - length) } else { pad(to: length) }
    case .write(let offset, let bytes):
      pad(to: offset + bytes.count)
      replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
  }

  /// A gap reads as zeros.
  private mutating func pad(to length: Int) {
    if count < length { append(contentsOf: repeatElement(0, count: length - count)) }
  }
}
