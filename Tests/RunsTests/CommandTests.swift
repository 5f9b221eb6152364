import FileTesting
import Foundation
import Runs
import Testing

@Suite struct CommandTests {
    @Test(arguments: [
        ("pause", Command.Action.pause), ("resume", .resume), ("checkpoint", .checkpoint), ("evaluate", .evaluate),
        ("stop", .stop), ("kill", .kill), ("  pause ", .pause), ("set lr=0.01", .set(.learningRate(0.01))),
        ("set lr=1e-4", .set(.learningRate(1e-4))), ("set lr=*0.5", .set(.learningRateFactor(0.5))),
        ("set lr=×2", .set(.learningRateFactor(2))), ("set lr = x2", .set(.learningRateFactor(2))),
        ("set lr=0", .set(.learningRate(0))), ("set pace=50", .set(.pace(.stepsPerSecond(50)))),
        ("set pace=full", .set(.pace(.full))), ("set pace=*2", .set(.paceFactor(2))),
        ("set momentum=0.05", .set(.momentum(0.05, layer: nil))),
        ("set momentum=none", .set(.momentum(nil, layer: nil))),
        ("set momentum.layer1.1=None", .set(.momentum(nil, layer: "layer1.1"))),
        ("set momentum.layer1.1=1", .set(.momentum(1, layer: "layer1.1"))),
    ])
    func whatIsTypedIsUnderstood(text: String, action: Command.Action) throws {
        #expect(try Command.Action(parsing: text) == action)
        #expect(try Command.Action(parsing: action.description) == action)
    }

    @Test(arguments: [
        ("", "command '': expected one of pause, resume, checkpoint, evaluate, stop, kill, set"),
        ("pauze", "command 'pauze': did you mean 'pause'?"),
        ("fly", "command 'fly': expected one of pause, resume, checkpoint, evaluate, stop, kill, set"),
        ("pause now", "command 'pause now': 'pause' stands alone"),
        ("lr=0.1", "command 'lr=0.1': did you mean 'set lr=0.1'?"),
        ("set", "command 'set': expected KEY=VALUE, as in set lr=0.01"),
        ("set lr", "command 'set lr': expected KEY=VALUE, as in set lr=0.01"),
        ("set lr=fast", "command 'lr=fast': expected a learning rate such as 0.01, or a factor such as *0.5"),
        ("set lr=-1", "command 'lr=-1': expected a learning rate such as 0.01, or a factor such as *0.5"),
        ("set lr=nan", "command 'lr=nan': expected a learning rate such as 0.01, or a factor such as *0.5"),
        ("set lr=*0", "command 'lr=*0': expected a learning rate such as 0.01, or a factor such as *0.5"),
        ("set pace=0", "command 'pace=0': expected steps a second such as 50, a factor such as *2, or full"),
        ("set learning_rate=1", "command 'learning_rate=1': unknown setting 'learning_rate': did you mean 'lr'?"),
        ("set pase=1", "command 'pase=1': unknown setting 'pase': did you mean 'pace'?"),
        ("set colour=red", "command 'colour=red': unknown setting 'colour': expected one of lr, pace, momentum"),
        ("set momentum=1.5", "command 'momentum=1.5': expected a number from 0 to 1, or None"),
        ("set momentum=*2", "command 'momentum=*2': expected a number from 0 to 1, or None"),
        (
            "set momentum.=0.1",
            "command 'momentum.=0.1': no layer is named, as in momentum.layer1.1=0.05"
        ),
    ])
    func whatIsNotUnderstoodSaysWhatWouldBe(text: String, expected: String) {
        let error = #expect(throws: RunsError.self) { try Command.Action(parsing: text) }
        #expect(error?.description == expected)
    }

    @Test func identifiersDiffer() {
        #expect(Set((0..<1000).map { _ in Command.newID() }).count == 1000)
    }
}

@Suite struct CommandFileTests {
    private func line(_ id: String, _ command: String) -> String {
        #"{"id":"\#(id)","time":1,"command":"\#(command)"}"# + "\n"
    }

    private func ids(_ items: [CommandReader.Item]) -> [String] {
        items.map { if case .command(let command) = $0 { command.id } else { "rejected" } }
    }

    @Test func aCommandIsOneLineOfJSON() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/commands.jsonl"
        try CommandWriter.append(Command(id: "a", time: 1.5, action: .pause), to: path)
        try CommandWriter.append(Command(id: "b", time: 2, action: .set(.learningRateFactor(0.5))), to: path)
        #expect(
            try folder.read("commands.jsonl") == """
                {"command":"pause","id":"a","time":1.5}
                {"command":"set","id":"b","key":"lr","time":2,"value":"*0.5"}

                """)
    }

    @Test(arguments: [
        Command.Action.pause, .resume, .checkpoint, .evaluate, .stop, .kill, .set(.learningRate(0.01)),
        .set(.learningRateFactor(2)), .set(.pace(.full)), .set(.pace(.stepsPerSecond(0.5))), .set(.paceFactor(0.5)),
        .set(.momentum(0.05, layer: nil)), .set(.momentum(nil, layer: "layer1.1")),
    ])
    func whatIsAppendedIsReadOnce(action: Command.Action) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/commands.jsonl"
        var reader = CommandReader(path: path)
        #expect(try reader.poll().isEmpty)
        let command = Command(time: 3, action: action)
        try CommandWriter.append(command, to: path)
        #expect(try reader.poll() == [.command(command)])
        #expect(try reader.poll().isEmpty)
    }

    @Test func aLineWithoutItsEndIsWaitedFor() throws {
        let folder = try TemporaryFolder()
        let whole = line("a", "pause")
        try folder.write("c", "")
        var reader = CommandReader(path: "\(folder.path)/c")
        for letter in whole.dropLast() {
            try folder.append("c", String(letter))
            #expect(try reader.poll().isEmpty)
        }
        try folder.append("c", "\n")
        #expect(ids(try reader.poll()) == ["a"])
    }

    @Test func aLineThatIsNoCommandIsReportedAndSkipped() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "c",
            line("a", "pause") + "pause\n\n" + line("b", "dance") + #"{"id":"\u001b[2J","command":"pause"}"# + "\n"
                + #"{"id":"c","command":"set","key":"lr","value":0.25}"# + "\n")
        var reader = CommandReader(path: "\(folder.path)/c")
        let items = try reader.poll()
        #expect(ids(items) == ["a", "rejected", "rejected", "rejected", "c"])
        let messages = items.compactMap { if case .rejected(let error) = $0 { error.description } else { nil } }
        #expect(messages[0] == "command 'pause': not a JSON object with the texts \"id\" and \"command\"")
        #expect(messages[1].hasPrefix("command 'dance': expected one of pause"))
        #expect(messages[2].hasSuffix("its id must be 1 to 64 visible ASCII characters"))
        #expect(items.last == .command(Command(id: "c", time: 0, action: .set(.learningRate(0.25)))))
    }

    @Test func aTornLineLosesOnlyItself() throws {
        let folder = try TemporaryFolder()
        try folder.write("c", #"{"id":"torn","com"#)
        try CommandWriter.append(Command(id: "next", time: 0, action: .stop), to: "\(folder.path)/c")
        var reader = CommandReader(path: "\(folder.path)/c")
        #expect(ids(try reader.poll()) == ["rejected", "next"])
    }

    @Test func aLineWithoutEndDoesNotFillTheMemory() throws {
        let folder = try TemporaryFolder()
        try folder.write("c", String(repeating: "x", count: 200_000) + "\n" + line("after", "pause"))
        var reader = CommandReader(path: "\(folder.path)/c")
        var items: [CommandReader.Item] = []
        for _ in 0..<4 {
            items += try reader.poll()
        }
        #expect(ids(items) == ["rejected", "after"])
    }

    @Test func aResumedRunDoesNotObeyOldCommands() throws {
        let folder = try TemporaryFolder()
        try folder.write("c", line("old", "stop") + #"{"id":"torn"#)
        var reader = CommandReader(path: "\(folder.path)/c", from: .end)
        try folder.append("c", #"","command":"stop"}"# + "\n" + line("new", "pause"))
        #expect(ids(try reader.poll()) == ["new"])
    }

    @Test(arguments: [true, false])
    func aFileThatIsReplacedOrCutDoesNotRepeatItsCommands(isReplaced: Bool) throws {
        let folder = try TemporaryFolder()
        try folder.write("c", line("a", "pause") + line("b", "pause"))
        var reader = CommandReader(path: "\(folder.path)/c")
        #expect(ids(try reader.poll()) == ["a", "b"])
        if isReplaced {
            try folder.write("other", line("a", "pause") + line("b", "pause") + line("c", "pause"))
            #expect(rename("\(folder.path)/other", "\(folder.path)/c") == 0)
        } else {
            #expect(truncate("\(folder.path)/c", 5) == 0)
        }
        #expect(ids(try reader.poll()) == ["rejected"])
        try folder.append("c", "\n" + line("d", "resume"))
        #expect(ids(try reader.poll()).last == "d")
    }

    @Test func aFileThatAnybodyMayWriteToIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/c"
        try folder.write("c", line("a", "stop"))
        #expect(chmod(path, 0o666) == 0)
        var reader = CommandReader(path: path)
        let refusal = RunsError.refusedCommands(path: path, problem: "anybody may write to it: chmod o-w it")
        #expect(throws: refusal) { try reader.poll() }
        #expect(throws: refusal) { try CommandWriter.append(Command(time: 0, action: .pause), to: path) }
        #expect(chmod(path, 0o644) == 0)
        #expect(try reader.poll().isEmpty)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a file away")) func aFileOfAnotherUserIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/c"
        try folder.write("c", line("a", "stop"))
        #expect(chown(path, 65534, 65534) == 0)
        var reader = CommandReader(path: path)
        let error = #expect(throws: RunsError.self) { try reader.poll() }
        #expect(
            error?.description
                == "\(path): commands refused: it belongs to user 65534, and only user 0, who runs the engine, may give "
                + "commands")
    }

    @Test func aLinkInThePlaceOfTheFileIsNotFollowed() throws {
        let folder = try TemporaryFolder()
        try folder.write("victim", "")
        #expect(symlink("\(folder.path)/victim", "\(folder.path)/c") == 0)
        #expect(throws: RunsError.self) {
            try CommandWriter.append(Command(time: 0, action: .pause), to: "\(folder.path)/c")
        }
        #expect(try folder.read("victim").isEmpty)
    }

    @Test func linesOfManyWritersNeverMix() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/commands.jsonl"
        var reader = CommandReader(path: path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for number in 0..<100 {
                        let command = Command(id: "\(writer)-\(number)", time: 0, action: .evaluate)
                        try CommandWriter.append(command, to: path)
                    }
                }
            }
            try await group.waitForAll()
        }
        var read: [String] = []
        while true {
            let items = try reader.poll()
            if items.isEmpty { break }
            read += ids(items)
        }
        #expect(read.count == 800)
        #expect(Set(read).count == 800)
        for writer in 0..<8 {
            #expect(read.filter { $0.hasPrefix("\(writer)-") } == (0..<100).map { "\(writer)-\($0)" })
        }
    }
}
