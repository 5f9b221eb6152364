/// Lists, tuples, dictionaries and sets.
extension Unpickler {
    mutating func container(_ opcode: UInt8) throws(CheckpointError) -> Bool {
        switch opcode {
        case UInt8(ascii: "]"): try pushObject(.list([]))
        case UInt8(ascii: ")"): try pushObject(.tuple([]))
        case UInt8(ascii: "}"): try pushObject(.dictionary([], isOrdered: false))
        case 0x8F: try pushObject(.set([]))
        case UInt8(ascii: "l"): try pushObject(.list(popToMark()))
        case UInt8(ascii: "t"): try pushObject(.tuple(popToMark()))
        case 0x91: try pushObject(.set(popToMark()))
        case UInt8(ascii: "d"): try pushObject(.dictionary(paired(popToMark()), isOrdered: false))
        case 0x85, 0x86, 0x87: try tuple(Int(opcode) - 0x84)
        case UInt8(ascii: "a"): try append([pop()])
        case UInt8(ascii: "e"), 0x90: try append(popToMark())
        case UInt8(ascii: "s"): try storeItem()
        case UInt8(ascii: "u"): try store(paired(popToMark()))
        default: return false
        }
        return true
    }

    private mutating func tuple(_ count: Int) throws(CheckpointError) {
        var items: [PickleGraph.Value] = []
        for _ in 0..<count { items.append(try pop()) }
        try pushObject(.tuple(items.reversed()))
    }

    private func paired(_ values: [PickleGraph.Value]) throws(CheckpointError) -> [PickleGraph.Pair] {
        guard values.count % 2 == 0 else { throw cursor.damaged("a key without a value") }
        return stride(from: 0, to: values.count, by: 2).map {
            PickleGraph.Pair(key: values[$0], value: values[$0 + 1])
        }
    }

    private mutating func storeItem() throws(CheckpointError) {
        let value = try pop()
        let key = try pop()
        try store([PickleGraph.Pair(key: key, value: value)])
    }

    /// Appends to the list, set or list-like object on top of the stack.
    private mutating func append(_ items: [PickleGraph.Value]) throws(CheckpointError) {
        try charge(items.count * 32)
        try change { object in
            switch object {
            case .list(let old):
                object = .none
                return .list(extended(old, items))
            case .set(let old):
                object = .none
                return .set(extended(old, items))
            case .instance(var instance):
                object = .none
                instance.items += items
                return .instance(instance)
            default: return nil
            }
        }
    }

    /// Stores in the dictionary or dictionary-like object on top of the stack.
    private mutating func store(_ pairs: [PickleGraph.Pair]) throws(CheckpointError) {
        try charge(pairs.count * 64)
        try change { object in
            switch object {
            case .dictionary(let old, let isOrdered):
                object = .none
                return .dictionary(extended(old, pairs), isOrdered: isOrdered)
            case .instance(var instance):
                object = .none
                instance.pairs += pairs
                return .instance(instance)
            default: return nil
            }
        }
    }

    /// Replaces the object on top of the stack by what `body` makes of it. The body takes the old object out of its
    /// place, so that growing it copies nothing.
    private mutating func change(
        _ body: (inout PickleGraph.Object?) -> PickleGraph.Object?
    ) throws(CheckpointError) {
        guard case .object(let number) = try top() else {
            throw cursor.damaged("items for something that is no container")
        }
        var object: PickleGraph.Object? = graph.objects[Int(number)]
        graph.objects[Int(number)] = .tuple([])
        guard let changed = body(&object) else {
            throw cursor.damaged("items for something that is no container")
        }
        graph.objects[Int(number)] = changed
    }
}

private func extended<Item>(_ items: consuming [Item], _ more: [Item]) -> [Item] {
    items += more
    return items
}
