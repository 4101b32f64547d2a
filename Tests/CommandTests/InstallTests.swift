import Foundation
import Testing

/// What `make install` brings: the executable, a page of the manual for each command, completions.
@Suite struct InstallTests {
  private let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  private func run(_ stage: Stage, _ script: String, _ words: String...) async throws -> Finished {
    try await Program(
      "/bin/sh", ["-c", script, "sh"] + words, environment: stage.environment
    ).end()
  }

  @Test func `install fills the folders below the prefix, and uninstall empties them`() async throws
  {
    try await withStage { stage in
      let made = try await run(
        stage, "make -C \"$1\" install BINARY=\"$2\" DESTDIR=\"$3\" PREFIX=/opt/here", package,
        daybookPath(), stage.folder + "/tree")
      try #require(made.status == 0, "\(made.errors)")
      let root = stage.folder + "/tree/opt/here"
      let version = try await run(stage, "\"$1/bin/daybook\" version", root)
      #expect(version.status == 0, "\(version.errors)")
      let manual = try FileManager.default.contentsOfDirectory(atPath: root + "/share/man/man1")
      for name in ["daybook.1", "daybook-poll-run.1", "daybook-replay-send.1", "daybook-watch.1"] {
        #expect(manual.contains(name), "\(manual)")
      }
      for path in [
        "bash-completion/completions/daybook", "zsh/site-functions/_daybook",
        "fish/vendor_completions.d/daybook.fish",
      ] {
        let text = try String(contentsOfFile: "\(root)/share/\(path)", encoding: .utf8)
        #expect(text.contains("redeliver"), "\(path)")
      }
      let gone = try await run(
        stage,
        "make --no-print-directory -C \"$1\" uninstall DESTDIR=\"$2\" PREFIX=/opt/here && find \"$2\" -type f",
        package, stage.folder + "/tree")
      #expect(gone.status == 0 && !gone.text.contains("daybook"), "\(gone.text)")
    }
  }

  @Test func `a page of the manual is read by its formatter without a warning`() async throws {
    try await withStage { stage in
      try await stage.done("manual", stage.folder)
      guard try await run(stage, "command -v groff").status == 0 else { return }
      let shown = try await run(
        stage, "for f in \"$1\"/*.1; do groff -man -Tutf8 -ww \"$f\" || exit 1; done", stage.folder)
      #expect(shown.status == 0 && shown.errors.isEmpty, "\(shown.errors.prefix(2_000))")
      let page = try String(
        contentsOfFile: stage.folder + "/daybook-replay-send.1", encoding: .utf8)
      #expect(page.hasPrefix(".TH DAYBOOK\\-REPLAY\\-SEND 1"))
      for part in [".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", "\\-\\-missing"] {
        #expect(page.contains(part), "\(part)")
      }
    }
  }

  @Test func `bash reads its completions and completes by them`() async throws {
    try await withStage { stage in
      let script = try stage.write(
        try await stage.done("completions", "bash").text, to: "completion.bash")
      let parsed = try await Program("/bin/bash", ["-n", script], environment: stage.environment)
        .end()
      #expect(parsed.status == 0 && parsed.errors.isEmpty, "\(parsed.errors)")
      let completed = try await Program(
        "/bin/bash",
        [
          "--norc", "-c",
          """
          source "$1"; complete -p daybook
          COMP_WORDS=(daybook red); COMP_CWORD=1; COMP_LINE='daybook red'; COMP_POINT=11
          _daybook daybook red daybook; printf '%s\\n' "${COMPREPLY[@]}"
          COMP_WORDS=(daybook deliveries --status f); COMP_CWORD=3
          COMP_LINE='daybook deliveries --status f'; COMP_POINT=${#COMP_LINE}
          _daybook daybook f --status; printf '%s\\n' "${COMPREPLY[@]}"
          """, "bash", script,
        ], environment: stage.environment
      ).end()
      #expect(
        completed.lines.suffix(2) == ["redeliver", "failed"],
        "\(completed.text) \(completed.errors)")
      for shell in ["zsh", "fish"] {
        let text = try await stage.done("completions", shell).text
        #expect(text.contains("redeliver"))
        guard try await run(stage, "command -v \(shell)").status == 0 else { continue }
        let path = try stage.write(text, to: "completion.\(shell)")
        #expect(try await run(stage, "\(shell) -n \"$1\"", path).status == 0)
        guard shell == "fish" else { continue }
        let offered = try await run(
          stage,
          "fish --no-config -c 'source $argv[1]; complete -C $argv[2]' \"$1\" \"$2\"", path,
          "daybook deliveries --status f")
        let names = offered.lines.map { $0.prefix { $0 != "\t" } }
        #expect(names == ["failed"], "\(offered.text) \(offered.errors)")
      }
    }
  }
}
