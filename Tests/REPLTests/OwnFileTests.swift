import ArgumentParser
import Foundation
import Glibc
import Testing

@testable import REPL

/// Results go anywhere but into the files that the journal is made of.
@MainActor
@Suite struct OwnFileTests {
  nonisolated private static let own = [
    "", "-wal", "-shm", "-journal", ".lock", ".engine", ".key", ".key.rotating", ".signing.key",
    ".signing.notes", ".backups",
  ]

  nonisolated private static let writing = [
    "output NAME", "record NAME", "export NAME", "trace head --html NAME --force",
    "audit --html NAME --force", "trace head --html NAME", "audit --html NAME",
  ]

  @Test(arguments: own)
  func `no result is written into a file of the journal`(suffix: String) async throws {
    let stage = try SessionStage()
    let name = stage.journal + suffix
    for line in ["trace head", "audit", "head"] { _ = await stage.run(line) }
    let wasThere = FileManager.default.fileExists(atPath: name)
    let before = try stage.contents()
    for line in Self.writing {
      let ended = await stage.run(line.replacing("NAME", with: name))
      #expect(ended.status == 1, "\(line)")
      #expect(ended.message == "\(name) is a file of the journal; name another one", "\(line)")
    }
    #expect(FileManager.default.fileExists(atPath: name) == wasThere)
    #expect(try stage.contents() == before)
    #expect(await stage.run("head").status == 0)
  }

  @Test(arguments: [".archive-29", ".key.until-29"])
  func `no result is written into what only old events need`(suffix: String) async throws {
    let stage = try SessionStage()
    let name = stage.journal + suffix
    try Data("kept".utf8).write(to: URL(filePath: name))
    for line in Self.writing {
      let ended = await stage.run(line.replacing("NAME", with: name))
      #expect(ended.message == "\(name) is a file of the journal; name another one", "\(line)")
    }
    #expect(try String(contentsOfFile: name, encoding: .utf8) == "kept")
  }

  @Test func `a link to a file of the journal is that file, and so is another way to it`()
    async throws
  {
    let stage = try SessionStage()
    let link = stage.folder + "/link"
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: "daybook.journal")
    let hard = stage.folder + "/hard"
    try FileManager.default.linkItem(atPath: stage.journal, toPath: hard)
    let absent = stage.folder + "/absent"
    try FileManager.default.createSymbolicLink(
      atPath: absent, withDestinationPath: "daybook.journal.signing.key")
    for name in [link, hard, absent, stage.folder + "/./daybook.journal"] {
      for line in Self.writing {
        let ended = await stage.run(line.replacing("NAME", with: name))
        #expect(ended.message == "\(name) is a file of the journal; name another one", "\(line)")
      }
    }
  }

  @Test func `a page takes the place of a file, and of nothing else`() async throws {
    let stage = try SessionStage()
    let page = stage.folder + "/page.html"
    #expect(await stage.run("trace head --html \(page)").status == 0)
    let again = await stage.run("trace head --html \(page)")
    #expect(again.message == "\(page) is there already; --force writes over it")
    #expect(await stage.run("trace head --html \(page) --force").status == 0)
    let pipe = stage.folder + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    let folder = stage.folder + "/folder"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    let link = stage.folder + "/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: page)
    for (name, why) in [
      (pipe, "is no ordinary file; name another one"),
      (folder, "is a folder; name a file in it"),
      (link, "is a symbolic link; name the file itself"),
    ] {
      for command in ["trace head", "audit"] {
        let ended = await stage.run("\(command) --html \(name) --force")
        #expect(ended.status == 1)
        #expect(ended.message == "\(name) \(why)")
      }
    }
    var facts = stat()
    #expect(lstat(pipe, &facts) == 0 && facts.st_mode & S_IFMT == S_IFIFO)
    #expect(lstat(link, &facts) == 0 && facts.st_mode & S_IFMT == S_IFLNK)
  }

  @Test func `the manual goes into a folder that has a name`() throws {
    #expect(throws: (any Error).self) { try Root.parseAsRoot(["manual", ""]) }
    #expect(throws: Never.self) { try Root.parseAsRoot(["manual", "."]) }
  }
}
