/// What a file that is no checkpoint seems to be, from its first bytes, so that the error can say what to do.
enum FileSignature {
    private static let known: [(bytes: [UInt8], at: Int, name: String)] = [
        (Array("version https://git-lfs".utf8), 0, "a pointer of Git LFS (fetch the file itself with 'git lfs pull')"),
        (Array("ustar".utf8), 257, "a tar archive (unpack it; PyTorch before 0.2 also saved tar files: save again)"),
        ([0x1F, 0x8B], 0, "gzip data (unpack it with gunzip)"),
        (Array("\u{89}HDF".unicodeScalars.map { UInt8($0.value) }), 0, "an HDF5 file (Keras writes those)"),
        (Array("GGUF".utf8), 0, "a GGUF file (llama.cpp's format)"),
        ([0x93] + Array("NUMPY".utf8), 0, "a NumPy array"),
        (Array("<".utf8), 0, "a web page or XML (a download that went wrong?)"),
        ([0x80], 0, "a pickle, but not one by torch.save"),
    ]

    static func name(_ signature: [UInt8]) -> String {
        let match = known.first {
            signature.count >= $0.at + $0.bytes.count && signature[$0.at...].starts(with: $0.bytes)
        }
        return match?.name ?? "its first bytes are of no known format"
    }
}
