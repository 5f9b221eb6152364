/// A name of Python's that a checkpoint mentions, and what opening the file with PyTorch would make of it. Here it stays a
/// name.
package struct GlobalMention: Equatable, Sendable {
    package enum Verdict: Equatable, Sendable {
        /// `torch.load(weights_only=True)` accepts it.
        case allowed
        /// `torch.load(weights_only=True)` refuses the file because of it.
        case refused
        /// Refused too, and known from attacks: what it would let the file do.
        case dangerous(String)
    }

    package let global: PickleGlobal
    package let verdict: Verdict

    init(_ global: PickleGlobal) {
        self.global = global
        let current = Self.renamed(global)
        if Self.isAllowed(current) {
            verdict = .allowed
        } else if let reason = Self.weapon(current) ?? Self.weapon(global) {
            verdict = .dangerous(reason)
        } else {
            verdict = .refused
        }
    }

    /// Python 2's names by today's, as unpicklers translate them.
    private static func renamed(_ global: PickleGlobal) -> PickleGlobal {
        let modules = ["__builtin__": "builtins", "copy_reg": "copyreg", "UserDict": "collections", "Queue": "queue"]
        return PickleGlobal(modules[global.module] ?? global.module, global.name)
    }

    // MARK: - What PyTorch 2.15 allows

    private static let allowedNames: Set<String> = [
        "_codecs.encode", "builtins.bytearray", "builtins.complex", "builtins.set", "collections.Counter",
        "collections.OrderedDict", "torch.Size", "torch.Tensor", "torch.device", "torch.nn.parameter.Parameter",
        "torch.serialization._get_layout", "torch.storage.TypedStorage", "torch.storage.UntypedStorage",
        "torch._tensor._rebuild_from_type_v2",
    ]

    private static let rebuilders: Set<String> = [
        "_rebuild_device_tensor_from_cpu_tensor", "_rebuild_device_tensor_from_numpy",
        "_rebuild_meta_tensor_no_storage",
        "_rebuild_parameter", "_rebuild_parameter_with_state", "_rebuild_qtensor", "_rebuild_sparse_tensor",
        "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_wrapper_subclass",
    ]

    private static let typeNames: Set<String> = [
        "bcomplex32", "bfloat16", "bits16", "bits1x8", "bits2x4", "bits4x2", "bits8", "bool", "complex128", "complex32",
        "complex64", "float16", "float32", "float4_e2m1fn_x2", "float64", "float8_e4m3fn", "float8_e4m3fnuz",
        "float8_e5m2",
        "float8_e5m2fnuz", "float8_e8m0fnu", "int1", "int16", "int2", "int3", "int32", "int4", "int5", "int6", "int64",
        "int7", "int8", "per_channel_affine", "per_channel_affine_float_qparams", "per_channel_symmetric",
        "per_tensor_affine", "per_tensor_symmetric", "qint32", "qint8", "quint2x4", "quint4x2", "quint8", "uint1",
        "uint16",
        "uint2", "uint3", "uint32", "uint4", "uint5", "uint6", "uint64", "uint7", "uint8",
    ]

    private static let classPrefixes = [
        "BFloat16", "Bool", "Byte", "Char", "Double", "Float", "Half", "Int", "Long", "Short",
    ]
    private static let storageOnlyPrefixes = [
        "ComplexDouble", "ComplexFloat", "QInt32", "QInt8", "QUInt2x4", "QUInt4x2", "QUInt8",
    ]

    private static func isAllowed(_ global: PickleGlobal) -> Bool {
        if allowedNames.contains(global.description) { return true }
        switch global.module {
        case "torch._utils": return rebuilders.contains(global.name)
        case "torch": return typeNames.contains(global.name) || isStorage(global.name) || isTensor(global.name)
        case "torch.cuda":
            return (isStorage(global.name) && !global.name.hasPrefix("Q")) || isTensor(global.name)
        case "torch.sparse", "torch.cuda.sparse": return isTensor(global.name) && global.name != "BoolTensor"
        default: return false
        }
    }

    private static func isStorage(_ name: String) -> Bool {
        (classPrefixes + storageOnlyPrefixes).contains { $0 + "Storage" == name }
    }

    private static func isTensor(_ name: String) -> Bool {
        classPrefixes.contains { $0 + "Tensor" == name }
    }

    // MARK: - What attacks use

    private static let weaponModules: [String: String] = [
        "os": "runs commands and changes files", "posix": "runs commands and changes files",
        "nt": "runs commands and changes files", "subprocess": "runs commands", "pty": "runs commands",
        "commands": "runs commands", "popen2": "runs commands", "sys": "changes the interpreter",
        "runpy": "runs Python files", "code": "runs Python code", "codeop": "runs Python code",
        "pdb": "runs Python code",
        "bdb": "runs Python code", "timeit": "runs Python code", "cProfile": "runs Python code",
        "profile": "runs Python code", "trace": "runs Python code", "doctest": "runs Python code",
        "importlib": "loads modules", "imp": "loads modules", "pkgutil": "loads modules", "zipimport": "loads modules",
        "pip": "installs packages", "ensurepip": "installs packages", "shutil": "changes files",
        "tempfile": "changes files",
        "socket": "opens connections", "urllib": "opens connections", "http": "opens connections",
        "httplib": "opens connections", "ftplib": "opens connections", "smtplib": "opens connections",
        "requests": "opens connections", "aiohttp": "opens connections", "webbrowser": "opens a browser",
        "ctypes": "calls machine code", "_ctypes": "calls machine code", "cffi": "calls machine code",
        "mmap": "reads memory", "multiprocessing": "starts processes", "asyncio": "starts processes",
        "threading": "starts threads", "signal": "sends signals", "pickle": "opens another pickle unchecked",
        "_pickle": "opens another pickle unchecked", "cPickle": "opens another pickle unchecked",
        "dill": "opens another pickle unchecked", "cloudpickle": "opens another pickle unchecked",
        "joblib": "opens another pickle unchecked", "marshal": "loads byte code",
        "types": "builds functions from byte code",
        "gc": "reads other objects", "inspect": "reads other objects", "atexit": "runs code at the end",
    ]

    private static let weaponNames: [String: String] = [
        "builtins.eval": "runs Python code", "builtins.exec": "runs Python code",
        "builtins.execfile": "runs Python code",
        "builtins.compile": "builds code", "builtins.open": "opens files", "builtins.__import__": "loads modules",
        "builtins.getattr": "reaches any function", "builtins.setattr": "changes any object",
        "builtins.delattr": "changes any object", "builtins.globals": "reaches any object",
        "builtins.locals": "reaches any object", "builtins.vars": "reaches any object",
        "builtins.input": "waits for input",
        "builtins.breakpoint": "starts the debugger", "builtins.apply": "calls any function",
        "operator.attrgetter": "reaches any function", "operator.methodcaller": "calls any function",
        "operator.itemgetter": "reaches any object", "functools.reduce": "calls any function",
        "torch.load": "opens another pickle unchecked",
        "torch.serialization.load": "opens another pickle unchecked", "torch.hub.load": "downloads and runs code",
        "torch.storage._load_from_bytes": "opens another pickle unchecked",
        "torch.utils.cpp_extension.load": "builds and runs C++", "numpy.load": "opens another pickle unchecked",
        "numpy.testing._private.utils.runstring": "runs Python code", "io.open": "opens files",
        "io.FileIO": "opens files",
        "_io.open": "opens files", "_io.FileIO": "opens files", "codecs.open": "opens files",
        "logging.FileHandler": "opens files",
    ]

    private static func weapon(_ global: PickleGlobal) -> String? {
        if let reason = weaponNames[global.description] { return reason }
        let package = global.module.split(separator: ".").first.map(String.init) ?? global.module
        if global.description == "types.SimpleNamespace" { return nil }
        return weaponModules[package]
    }
}

extension CheckpointFile {
    /// Every name of Python's that the file mentions, in the order of first mention.
    package var globals: [GlobalMention] { contents.graph.globals.map { GlobalMention($0) } }
}
