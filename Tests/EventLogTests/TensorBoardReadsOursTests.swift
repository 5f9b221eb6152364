import Foundation
import Testing

@testable import EventLog

/// The path of a Python that has tensorboard: set it to have TensorBoard's own reader read what is written here.
private let python = ProcessInfo.processInfo.environment["NORMSCOPE_PYTHON"]

@Suite(.enabled(if: python != nil, "set NORMSCOPE_PYTHON to a Python with tensorboard"))
struct TensorBoardReadsOursTests {
    /// What EventAccumulator makes of a log directory, as lines.
    private static let accumulator = """
        import sys
        from tensorboard.backend.event_processing import event_accumulator
        from tensorboard.plugins.hparams import metadata
        from tensorboard.util import tensor_util
        reader = event_accumulator.EventAccumulator(
            sys.argv[1], size_guidance=event_accumulator.STORE_EVERYTHING_SIZE_GUIDANCE).Reload()
        print("version", reader.file_version, "by", reader.GetSourceWriter())
        for tag in reader.Tags()["scalars"]:
            for e in reader.Scalars(tag): print("scalar", tag, e.step, e.wall_time, e.value)
        for tag in reader.Tags()["histograms"]:
            for e in reader.Histograms(tag):
                h = e.histogram_value
                print("histogram", tag, e.step, h.min, h.max, h.num, h.sum, h.sum_squares, h.bucket)
        for tag in reader.Tags()["tensors"]:
            plugin = reader.SummaryMetadata(tag).plugin_data
            for e in reader.Tensors(tag):
                print(plugin.plugin_name, tag, e.step, tensor_util.make_ndarray(e.tensor_proto).tolist())
            if tag == metadata.SESSION_START_INFO_TAG:
                start = metadata.parse_session_start_info_plugin_data(plugin.content)
                for name in sorted(start.hparams):
                    value = start.hparams[name]
                    print("hyperparameter", name, getattr(value, value.WhichOneof("kind")))
            if tag == metadata.SESSION_END_INFO_TAG:
                print("ended", metadata.parse_session_end_info_plugin_data(plugin.content).status)
        """

    /// What TensorBoard's HParams page makes of the runs below a directory, as lines.
    private static let page = """
        import sys
        from tensorboard import context
        from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
        from tensorboard.plugins import base_plugin
        from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups
        runs = plugin_event_multiplexer.EventMultiplexer().AddRunsFromDirectory(sys.argv[1])
        runs.Reload()
        provider = data_provider.MultiplexerDataProvider(runs, sys.argv[1])
        page = backend_context.Context(base_plugin.TBContext(data_provider=provider, logdir=sys.argv[1]))
        request = context.RequestContext()
        experiment = page.experiment_from_metadata(
            request, "", True, page.hparams_metadata(request, ""), page.hparams_from_data_provider(request, "", 0))
        for info in sorted(experiment.hparam_infos, key=lambda i: i.name):
            print("setting", info.name, api_pb2.DataType.Name(info.type), "differs" if info.differs else "")
        wanted = api_pb2.ListSessionGroupsRequest(start_index=0, slice_size=10, allowed_statuses=[0, 1, 2, 3])
        for info in experiment.metric_infos: wanted.col_params.add(metric=info.name)
        for group in list_session_groups.Handler(request, page, "", wanted).run().session_groups:
            values = {k: getattr(v, v.WhichOneof("kind")) for k, v in sorted(group.hparams.items())}
            session = group.sessions[0]
            print(session.name, values, api_pb2.Status.Name(session.status), [(m.name.tag, m.value) for m in session.metric_values])
        """

    private func read(_ directory: String, with script: String = accumulator) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(python))
        process.arguments = ["-c", script, directory]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func everyKindOfValueIsReadAsItWasMeant() throws {
        let directory = try ScratchDirectory()
        let writer = try EventWriter(directory: directory.path, startedAt: 1_700_000_000)
        writer.hyperparameters(
            [.init("lr", .number(0.05)), .init("model", .text("cnn")), .init("bn", .flag(true))], wallTime: 1)
        writer.scalar("train/loss", step: 3, value: 0.5, wallTime: 1_700_000_001.25)
        writer.scalar("train/loss", step: 4, value: .nan, wallTime: 1_700_000_002)
        writer.histogram("weight", step: 3, Histogram(of: [1, 1, 2]), wallTime: 2)
        writer.tensor("batchnorm/layer1.1/running_mean", step: 3, values: [0.5, -1.5], wallTime: 2)
        writer.text("control", step: 4, "pause", wallTime: 3)
        writer.sessionEnd(.success, wallTime: 4)
        try writer.flush()
        let lines = try read(directory.path)
        #expect(
            lines == [
                "version 2.0 by normscope",
                "scalar train/loss 3 1700000001.25 0.5",
                "scalar train/loss 4 1700000002.0 nan",
                "histogram weight 3 1.0 2.0 3.0 4.0 6.0 [0.0, 2.0, 0.0, 1.0]",
                "hparams _hparams_/session_start_info 0 []",
                "hyperparameter bn True",
                "hyperparameter lr 0.05",
                "hyperparameter model cnn",
                "tensor batchnorm/layer1.1/running_mean 3 [0.5, -1.5]",
                "text control 4 b'pause'",
                "hparams _hparams_/session_end_info 0 []",
                "ended 1",
            ])
    }

    @Test func aRunThatGoesOnIsOneCurve() throws {
        let directory = try ScratchDirectory()
        let first = try EventWriter(directory: directory.path, startedAt: 1_700_000_000)
        for step in 0..<4 as Range<Int64> { first.scalar("loss", step: step, value: 1, wallTime: 0) }
        try first.flush()
        let second = try EventWriter(directory: directory.path, startedAt: 1_700_000_100, restartStep: 2)
        second.scalar("loss", step: 2, value: 2, wallTime: 0)
        try second.flush()
        let lines = try read(directory.path)
        #expect(
            lines.dropFirst() == [
                "scalar loss 0 0.0 1.0", "scalar loss 1 0.0 1.0", "scalar loss 2 0.0 2.0",
            ])
    }

    @Test func theHParamsPageShowsOurRunsTheirSettingsAndTheirScalars() throws {
        let directory = try ScratchDirectory()
        for (name, rate) in [("a", 0.05), ("b", 0.5)] {
            try directory.makeDirectory(name)
            let writer = try EventWriter(directory: directory.path + "/" + name, startedAt: 1_700_000_000)
            writer.hyperparameters([.init("lr", .number(rate)), .init("optimizer", .text("SGD"))], wallTime: 1)
            writer.scalar("val/accuracy", step: 3, value: 0.5, wallTime: 2)
            if name == "a" { writer.sessionEnd(.success, wallTime: 4) }
            try writer.flush()
        }
        let lines = try read(directory.path, with: Self.page)
        #expect(
            lines == [
                "setting lr DATA_TYPE_FLOAT64 differs", "setting optimizer DATA_TYPE_STRING ",
                "a {'lr': 0.05, 'optimizer': 'SGD'} STATUS_SUCCESS [('val/accuracy', 0.5)]",
                "b {'lr': 0.5, 'optimizer': 'SGD'} STATUS_UNKNOWN [('val/accuracy', 0.5)]",
            ])
    }
}
