import Foundation
import TestSupport
import Testing

/// One terminal after the other: each test waits on a thread of the pool.
@Suite(.serialized) struct LineEditorTests {
  @Test func `letters of any script are typed and edited in the C locale`() throws {
    let typist = try Typist()
    typist.type("é日本\u{2}x\u{1B}[D\u{1B}[D\u{7F}")  // back, x, left, left, delete
    try typist.see("probe> 日x本")
    try typist.enter("🎉", said: "line 🎉日x本")
    typist.type(bytes: [0x61, 0xFF, 0x62, 13])
    try typist.see("line a\u{FFFD}b", "probe>")
  }

  @Test func `lines come back with up, and by search with Ctrl-R`() throws {
    let typist = try Typist()
    try typist.enter("show 1", said: "line show 1")
    try typist.enter("mark 日本", said: "line mark 日本")
    try typist.enter("show 2", said: "line show 2")
    typist.type("\u{1B}[A\u{1B}[A")
    try typist.see("probe> mark 日本")
    typist.type("\u{3}")
    try typist.see("interrupted", "probe>")
    typist.type("\u{12}日")
    try typist.see("probe> mark 日本", "bck:日")
    typist.type("\r")
    try typist.see("line mark 日本", "probe>")
  }

  @Test func `Ctrl-X Ctrl-E opens the line in the editor, and runs nothing before Enter`() throws {
    let home = try makeHome()
    try #"tr a-z A-Z <"$1" >"$1.new" && mv "$1.new" "$1" && echo edited"#
      .write(toFile: "\(home)/editor", atomically: true, encoding: .utf8)
    let typist = try Typist(
      home: home, environment: ["EDITOR=sh \(home)/editor", "TMPDIR=\(home)"])
    typist.type("show 日本 it\u{1B}[D\u{18}\u{5}")
    try typist.see("edited", "probe> SHOW 日本 IT")
    try typist.enter("!", said: "line SHOW 日本 IT!")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: home)
        .allSatisfy { !$0.hasPrefix("daybook-line") })
    let other = try Typist(environment: ["EDITOR=false"])
    other.type("events\u{18}\u{5}")
    try other.see("false did not give the line back; it stays", "probe> events")
  }

  @Test func `Tab inserts the only completion, and quotes it`() throws {
    let typist = try Typist()
    typist.type("ev\t")
    try typist.see("probe> events")
    try typist.enter("x", said: "line events x")
    typist.type("tw\t")
    try typist.see("probe> 'two words'")
  }

  @Test func `Tab inserts what completions share, then lists them`() throws {
    let typist = try Typist()
    typist.type("h\t")
    try typist.see("probe> höh")
    typist.type("\t")
    try typist.see("höhle  höher", "probe> höh")
    typist.type("l\t")
    try typist.see("probe> höhle")
  }

  @Test func `Ctrl-C drops the line and the session stays`() throws {
    let typist = try Typist(columns: 20)
    typist.type("abcdefghijklmnopqrst")
    try typist.see("probe> abcdefghijklm", "nopqrst")
    typist.type("\u{1}\u{3}")
    try typist.see("probe> abcdefghijklm", "nopqrst^C", "interrupted", "probe>")
    try typist.enter("now", said: "line now")
    #expect(typist.history == ["now"])
  }

  @Test func `Ctrl-D on an empty line ends, and the terminal is given back`() throws {
    let typist = try Typist()
    #expect(!typist.isCooked)
    typist.type("\u{4}")
    try typist.look { $0.lines.suffix(2) == ["ended", "closed"] && !$0.isPasteBracketed }
    #expect(typist.isCooked)
  }

  @Test func `Ctrl-U deletes to the start and Ctrl-W a word`() throws {
    let typist = try Typist()
    typist.type("one two\u{2}\u{2}\u{2}\u{15}")
    try typist.see("probe> two")
    typist.type("\u{5} three\u{17}")
    try typist.enter("!", said: "line two !")
  }

  @Test func `a resized window shows the prompt once`() throws {
    let typist = try Typist(columns: 60)
    typist.type("half typed")
    try typist.see("probe> half typed")
    typist.resize(columns: 12)
    try typist.see("probe> half", "typed")
    #expect(typist.screen.lines.count { $0.contains("probe>") } == 1)
    typist.resize(columns: 40)
    typist.type(" line")
    try typist.look { $0.lines.last == "probe> half typed line" }
  }

  @Test func `a paste runs nothing before Enter`() throws {
    let typist = try Typist()
    typist.type("\u{1B}[200~delete 1\rdel\tete 2\r\u{1B}[201~")
    try typist.see("probe> delete 1", "del     ete 2")
    try typist.enter("!", said: #"line delete 1\ndel\tete 2!"#)
    typist.type("\u{1B}[A")
    try typist.see("probe> delete 1", "del     ete 2!")
    typist.announce("news")
    try typist.see("news", "probe> delete 1", "del     ete 2!")
  }

  @Test func `a quote goes on over lines, until Ctrl-C or Ctrl-D drops it`() throws {
    let typist = try Typist()
    typist.type("mark 'a\r")
    try typist.see("probe> mark 'a", "  ...>")
    try typist.enter("b' 7", said: #"line mark 'a\nb' 7"#)
    #expect(typist.history == ["mark 'a", "\tb' 7"])
    typist.type("SELECT\r1")
    try typist.see("probe> SELECT", "  ...> 1")
    typist.type("\u{3}")
    try typist.see("  ...> 1^C", "interrupted", "probe>")
    typist.type("SELECT\r\u{4}")
    try typist.see("probe> SELECT", "  ...> ^D", "interrupted", "probe>")
    try typist.enter("now", said: "line now")
  }

  @Test func `an announcement stands above the half-typed line`() throws {
    let typist = try Typist(columns: 20)
    typist.type("abcdefghijklmnopqrst")
    try typist.see("probe> abcdefghijklm", "nopqrst")
    typist.announce("first")
    try typist.look {
      $0.lines == ["first", "probe> abcdefghijklm", "nopqrst"] && $0.column == 7
    }
    typist.type("\u{1}")
    typist.announce("\u{1B}[31mred")
    try typist.look {
      $0.lines == ["first", "\\u{1B}[31mred", "probe> abcdefghijklm", "nopqrst"] && $0.column == 7
    }
    typist.type("\u{5}\r")
    try typist.see("line abcdefghijklmno", "pqrst", "probe>")
  }

  @Test func `secrets, repeats and lines after a blank stay out of the history`() throws {
    let typist = try Typist()
    for line in ["now", "now", "my secret 1", " spaced", "later", "  "] {
      let said = "line \(line)"
      try typist.enter(line, said: said.trimmingCharacters(in: .whitespaces))
    }
    #expect(typist.history == ["now", "later"])
    let facts = try FileManager.default.attributesOfItem(atPath: "\(typist.home)/history")
    #expect(facts[.posixPermissions] as? Int == 0o600)
    let next = try Typist(home: typist.home)
    next.type("\u{1B}[A")
    try next.see("probe> later")
    next.type("\u{1B}[A")
    try next.see("probe> now")
  }

  @Test func `what is asked without echo is not shown`() throws {
    let typist = try Typist()
    typist.type(":secret\r")
    try typist.see("secret?")
    typist.type("hush\u{7F}!x\r")
    try typist.see("secret?", "secret of 5", "probe>")
    #expect(!typist.screen.lines.joined().contains("hus"))
    #expect(typist.history == [])
  }

  @Test func `a cancelled read ends and the next one works`() throws {
    let typist = try Typist()
    try typist.enter(":cancel", said: "cancelled true")
    try typist.enter("now", said: "line now")
  }

  @Test func `an editrc with vi keys leaves Tab and Ctrl-C in force`() throws {
    let typist = try Typist(editrc: "probe:bind -v\n")
    typist.type("ev\t")
    try typist.see("probe> events")
    typist.type("\u{1B}0x")
    try typist.see("probe> vents")
    typist.type("\u{3}")
    try typist.see("probe> vents ^C", "interrupted", "probe>")
    typist.type("a\u{1B}[200~b\nc\u{1B}[201~")
    try typist.enter("d", said: #"line ab\ncd"#)
    typist.type("e\u{1B}")
    typist.type("\u{3}")
    try typist.see("probe> e^C", "interrupted", "probe>")
  }

  @Test func `a long line is typed, recalled and edited`() throws {
    let typist = try Typist()
    let long = String(repeating: "0123456789", count: 50)
    typist.type("\u{1B}[200~\(long)\u{1B}[201~\r")
    try typist.look { $0.lines.last == "probe>" && $0.lines.contains { $0.hasPrefix("line 01") } }
    #expect(typist.history == [long])
  }

  @Test func `there is no editor where standard input is no terminal`() throws {
    let said = String(decoding: try run(try probePath()), as: UTF8.self)
    #expect(said == "notATerminal\n")
  }
}
