import Glibc

extension Session {
  /// The name that the system has for who runs this program, or `uid N`.
  static var userName: String {
    guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else {
      return "uid \(getuid())"
    }
    return String(cString: name)
  }
}
