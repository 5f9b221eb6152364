/// The `__dict__` of an nn.Module, with the members that PyTorch 1.13 and 2.x need to find in it.
enum TorchModule {
    private static let hooks = [
        "_backward_hooks", "_forward_hooks", "_forward_pre_hooks", "_state_dict_hooks", "_load_state_dict_pre_hooks",
        "_load_state_dict_post_hooks",
    ]

    /// A module in evaluation mode, as whoever gets the file most likely wants to use it.
    static func value(
        _ constructor: PickleGlobal, parameters: [PickleValue.Entry] = [], buffers: [PickleValue.Entry] = [],
        modules: [PickleValue.Entry] = [], attributes: [PickleValue.Entry] = []
    ) -> PickleValue {
        var members: [PickleValue.Entry] = [
            .init("training", false), .init("_parameters", .ordered(parameters)), .init("_buffers", .ordered(buffers)),
            .init("_non_persistent_buffers_set", .set([])), .init("_is_full_backward_hook", nil),
        ]
        members += hooks.map { .init(.string($0), .ordered([])) }
        members.append(.init("_modules", .ordered(modules)))
        return .object(constructor, arguments: nil, state: .dictionary(members + attributes))
    }
}
