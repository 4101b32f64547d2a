import Glibc

/// Pages of files that count as memory of this process; nil where the kernel does not say.
///
///     6041 1203 987 210 0 1412 0
///
/// Source: proc_pid_statm(5): the third number, in pages.
func residentFilePages() -> Int? {
  let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 128)
  let count = read(descriptor, &bytes, bytes.count)
  guard count > 0 else { return nil }
  let numbers = bytes[..<count].split(separator: UInt8(ascii: " "))
  return numbers.count > 2 ? Int(String(decoding: numbers[2], as: UTF8.self)) : nil
}
