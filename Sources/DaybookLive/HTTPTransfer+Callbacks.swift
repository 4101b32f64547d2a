import CCurl
import Domain

extension HTTPTransfer {
  /// Lets libcurl call back with this transfer, which has to outlive its use of the handle.
  func setCallbacks() -> CURLcode {
    let context = Unmanaged.passUnretained(self).toOpaque()
    let codes = [
      ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context),
      ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context),
      ccurl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, context),
      ccurl_set_pointer(easy, CURLOPT_PREREQDATA, context),
      ccurl_set_write(easy, CURLOPT_WRITEFUNCTION, receiveBody),
      ccurl_set_write(easy, CURLOPT_HEADERFUNCTION, receiveLine),
      ccurl_set_open_socket(easy, openSocket),
      ccurl_set_before_request(easy, beforeRequest),
    ]
    return codes.first { $0 != CURLE_OK } ?? CURLE_OK
  }
}

/// The transfer that libcurl hands back to its callbacks; the loop keeps it alive meanwhile.
private func transfer(_ context: UnsafeMutableRawPointer) -> HTTPTransfer {
  Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
}

/// Any count but the one given ends the transfer.
private func receiveBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  let chunk = UnsafeRawBufferPointer(start: bytes, count: size * count)
  return transfer(context).receive(body: chunk) ? chunk.count : 0
}

private func receiveLine(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
  return transfer(context).receive(line: line) ? line.count : 0
}

private func openSocket(
  _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype,
  _ target: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
  guard let context, let target else { return CURL_SOCKET_BAD }
  var bytes = [UInt8](repeating: 0, count: 16)
  let count = Int(ccurl_address_bytes(target, &bytes))
  let isAllowed = transfer(context).mayOpen(Address(bytes: Array(bytes.prefix(count))))
  return isAllowed ? ccurl_open_socket(target) : CURL_SOCKET_BAD
}

private func beforeRequest(
  _ context: UnsafeMutableRawPointer?, _ remote: UnsafeMutablePointer<CChar>?,
  _ local: UnsafeMutablePointer<CChar>?, _ remotePort: Int32, _ localPort: Int32
) -> Int32 {
  guard let context, let remote else { return CURL_PREREQFUNC_ABORT }
  let isAllowed = transfer(context).maySend(to: Address(String(cString: remote)))
  return isAllowed ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}
