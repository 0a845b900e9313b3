// The live view: what the sliders ask is sent to the kernel, which owes an answer to each question.
export default {
  render({ model, el }) {
    const root = element("div", { class: "kg", "data-kg": "explorer-live" });
    const pictures = model.get("pictures").map(inlined);
    let answered = () => {};
    const hear = message => answered(message.state);
    model.on("msg:custom", hear);
    explorer(root, pictures, model.get("specification"), (changes, answer) => {
      answered = answer;
      model.send({ changes });
    });
    el.append(root);
    return () => model.off("msg:custom", hear);
  },
};
