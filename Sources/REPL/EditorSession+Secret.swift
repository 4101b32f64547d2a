import Glibc

extension EditorSession {
  /// Reads a line of which the terminal shows nothing; libedit has no part in it.
  func readSecret(_ prompt: String) -> LineInput {
    var before = termios()
    guard tcgetattr(0, &before) == 0 else { return .ended }
    var silent = before
    silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG | IEXTEN)
    tcsetattr(0, TCSADRAIN, &silent)
    writeTerminal(prompt)
    defer {
      writeTerminal("\n")
      tcsetattr(0, TCSADRAIN, &before)
    }
    var bytes: [UInt8] = []
    while let byte = nextByte() {
      switch byte {
      case 10, 13: return .line(String(decoding: bytes, as: UTF8.self))
      case 3: return .interrupted
      case 4: if bytes.isEmpty { return .ended }
      case 8, 127:
        while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
      case 21: bytes = []
      case 0..<32: continue
      default:
        if bytes.count < TerminalLimits.pasteBytesMax { bytes.append(byte) }
      }
    }
    return .ended
  }
}
