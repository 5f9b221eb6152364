extension EventWriter {
    /// A vector of numbers, such as one value a channel, in the form of PyTorch's `add_tensor`: TensorBoard's readers
    /// give it back as a tensor, and no page of TensorBoard shows it.
    package func tensor(_ tag: String, step: Int64, values: [Float], wallTime: Double) {
        summary(tag, step, wallTime) { value in
            value.message(8) { tensor in
                tensor.varint(1, 1)
                tensor.message(2) { shape in
                    shape.message(2) { $0.varint(1, UInt64(values.count)) }
                }
                tensor.memory(4, values)
            }
            value.plugin("tensor")
        }
    }

    /// A matrix of numbers, [row][column]; all rows are equally long.
    package func matrix(_ tag: String, step: Int64, rows: [[Float]], wallTime: Double) {
        summary(tag, step, wallTime) { value in
            value.message(8) { tensor in
                tensor.varint(1, 1)
                tensor.message(2) { shape in
                    shape.message(2) { $0.varint(1, UInt64(rows.count)) }
                    shape.message(2) { $0.varint(1, UInt64(rows.first?.count ?? 0)) }
                }
                tensor.memory(4, rows.flatMap { $0 })
            }
            value.plugin("tensor")
        }
    }

    /// A histogram in the form of SummaryWriter's `add_histogram`.
    package func histogram(_ tag: String, step: Int64, _ histogram: Histogram, wallTime: Double) {
        let histogram = histogram.compact
        summary(tag, step, wallTime) { value in
            value.message(5) { message in
                message.double(1, histogram.min)
                message.double(2, histogram.max)
                message.double(3, histogram.count)
                message.double(4, histogram.sum)
                message.double(5, histogram.sumOfSquares)
                message.packed(6, histogram.limits)
                message.packed(7, histogram.counts)
            }
        }
    }

    /// A text, as TensorBoard's text page shows it: Markdown.
    package func text(_ tag: String, step: Int64, _ text: String, wallTime: Double) {
        summary(tag, step, wallTime) { value in
            value.message(8) { tensor in
                tensor.varint(1, 7)
                tensor.message(2) { _ in }
                tensor.string(8, text)
            }
            value.plugin("text")
        }
    }

    /// The settings of the run, for TensorBoard's HParams page. Without a description of the whole experiment, which
    /// would have to know all other runs: TensorBoard then gathers it from what each run says, scalars included.
    package func hyperparameters(_ values: [Hyperparameter], wallTime: Double) {
        session("_hparams_/session_start_info", wallTime) { content in
            content.message(3) { start in
                for hyperparameter in values {
                    start.message(1) { entry in
                        entry.string(1, hyperparameter.name)
                        entry.message(2) { $0.hyperparameter(hyperparameter.value) }
                    }
                }
                start.double(5, wallTime)
            }
        }
    }

    /// How the run ended, for TensorBoard's HParams page.
    package func sessionEnd(_ end: SessionEnd, wallTime: Double) {
        session("_hparams_/session_end_info", wallTime) { content in
            content.message(4) { message in
                message.varint(1, UInt64(end.rawValue))
                message.double(2, wallTime)
            }
        }
    }

    /// The HParams plugin keeps everything in the tag's metadata; the value itself is an empty tensor of floats.
    private func session(_ tag: String, _ wallTime: Double, _ fill: (inout WireWriter) -> Void) {
        var content = WireWriter()
        fill(&content)
        summary(tag, 0, wallTime) { value in
            value.message(8) { tensor in
                tensor.varint(1, 1)
                tensor.message(2) { shape in
                    shape.message(2) { $0.varint(1, 0) }
                }
            }
            value.plugin("hparams", content)
        }
    }

    /// An event with one value: `fill` adds its data and metadata to the tag.
    private func summary(_ tag: String, _ step: Int64, _ wallTime: Double, _ fill: (inout WireWriter) -> Void) {
        var event = WireWriter()
        event.double(1, wallTime)
        event.varint(2, UInt64(bitPattern: step))
        event.message(5) { summary in
            summary.message(1) { value in
                value.string(1, tag)
                fill(&value)
            }
        }
        record { $0.append(contentsOf: event.bytes) }
    }
}

extension WireWriter {
    /// A value's metadata: which plugin of TensorBoard it is for.
    fileprivate mutating func plugin(_ name: String, _ content: WireWriter? = nil) {
        message(9) { metadata in
            metadata.message(1) { plugin in
                plugin.string(1, name)
                if let content { plugin.message(2, content) }
            }
        }
    }

    /// A google.protobuf.Value.
    fileprivate mutating func hyperparameter(_ value: Hyperparameter.Value) {
        switch value {
        case .number(let number): double(2, number)
        case .text(let text): string(3, text)
        case .flag(let flag): varint(4, flag ? 1 : 0)
        }
    }
}
