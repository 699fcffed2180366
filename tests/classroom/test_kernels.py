"""What a kernel may send to its class, read there and erase there, and what is refused; with a real hub and proxy."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from convlab import questions
from tests.classroom.hub import ask, claim, until


@pytest.fixture(scope="module")
def ada(hub):
    return hub.user("ada", "convlab-students")


@pytest.fixture(scope="module")
def bob(hub):
    return hub.user("bob", "convlab-students")


@pytest.fixture(scope="module")
def ida(hub):
    return hub.user("ida", "convlab-instructors")


def stored(hub, *tokens):
    """How many attempts the class has of each."""
    return [len(hub.mine(token)) for token in tokens]


def test_a_learner_posts_and_reads_their_own(hub, ada, bob):
    sent = claim(response=questions.make("window-value", 7).answer)
    before = stored(hub, ada, bob)
    assert hub.post(ada, sent) == (201, {"accepted": [sent["id"]], "rejected": []})
    assert stored(hub, ada, bob) == [before[0] + 1, before[1]]
    row = hub.mine(ada)[-1]
    assert (row["user"], row["outcome"], row["checked"]) == ("ada", "right", True)


def test_a_wrong_answer_that_is_claimed_right_is_recorded_wrong(hub, ada):
    question = questions.make("window-value", 7)
    slip = next(slip for slip in question.slips if slip.mistakes)
    hub.post(ada, claim(response=slip.answer, outcome="right"))
    row = hub.mine(ada)[-1]
    assert (row["outcome"], row["claimed"]) == ("wrong", "right")
    assert row["mistakes"].split(",") == list(slip.mistakes)


def test_what_is_sent_again_is_kept_once(hub, ada):
    sent = claim()
    assert hub.post(ada, sent)[0] == 201
    count = stored(hub, ada)
    assert hub.post(ada, sent) == (200, {"accepted": [sent["id"]], "rejected": []})
    assert stored(hub, ada) == count


def replayed(hub, ada):
    sent = claim(response=1)
    assert hub.post(ada, sent)[0] == 201
    return sent


REFUSED = {
    "a forged user in the attempt": (lambda it: {"attempts": [{**it, "user": "bob"}]}, 422),
    "a forged user beside the attempts": (lambda it: {"attempts": [it], "user": "bob"}, 400),
    "an unknown question": (lambda it: {"attempts": [{**it, "item": "no-such-question"}]}, 422),
    "a question without a seed": (lambda it: {"attempts": [{**it, "seed": None}]}, 422),
    "an outcome that is none": (lambda it: {"attempts": [{**it, "outcome": "<script>"}]}, 422),
    "an answer that is no JSON": (lambda it: {"attempts": [{**it, "answer": "{"}]}, 422),
    "a mistake that is none": (lambda it: {"attempts": [{**it, "item": "02.conv2d", "mistakes": ["<b>"]}]}, 422),
    "no attempts": (lambda it: {"attempts": []}, 400),
    "fifty-one attempts": (lambda it: {"attempts": [it] * 51}, 400),
    "something else": (lambda it: ["hello"], 400),
    "a body of 65 KiB": (lambda it: {"attempts": [{**it, "about": "x" * 65 * 1024}]}, 413),
}


@pytest.mark.parametrize("what", REFUSED)
def test_is_refused_and_nothing_is_stored(hub, ada, bob, what):
    make, status = REFUSED[what]
    before = stored(hub, ada, bob)
    answer, said = ask("POST", f"{hub.service}api/attempts", ada, make(claim()))
    assert answer == status, said
    assert stored(hub, ada, bob) == before


def test_a_body_that_no_socket_holds_is_refused_in_words_each_time(hub, ada, bob):
    # A service that hangs up before it has read all of it makes the proxy say 503, about every other time.
    before, long = stored(hub, ada, bob), {"attempts": [{**claim(), "about": "x" * 1000 * 1024}]}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask("POST", f"{hub.service}api/attempts", ada, long), range(40)))
    assert {status for status, _ in answers} == {413}
    assert {said["message"] for _, said in answers} == {"a request may have 64 KiB: send fewer attempts at once"}
    assert stored(hub, ada, bob) == before


def test_an_id_that_is_replayed_by_another_or_with_another_answer_is_refused(hub, ada, bob):
    sent = replayed(hub, ada)
    before = stored(hub, ada, bob)
    assert hub.post(bob, sent)[0] == 409
    assert hub.post(ada, {**sent, "answer": "2"})[0] == 409
    assert stored(hub, ada, bob) == before


def test_a_batch_with_one_bad_attempt_keeps_the_others(hub, ada):
    good, bad = claim(), {**claim(), "item": "nothing"}
    status, said = hub.post(ada, bad, good)
    assert (status, said["accepted"], said["rejected"][0]["id"]) == (201, [good["id"]], bad["id"])


def test_a_token_of_nobody_of_no_group_or_of_another_service_is_refused(hub, ada, bob):
    outsider = hub.user("eve")
    before = stored(hub, ada, bob)
    for token in (None, "nonsense", uuid.uuid4().hex, outsider, hub.stranger):
        for method, path in (("POST", "api/attempts"), ("GET", "api/me"), ("DELETE", "api/me")):
            assert ask(method, f"{hub.service}{path}", token, {"attempts": [claim()]})[0] == 403, (token, path)
    assert stored(hub, ada, bob) == before


def test_the_class_is_read_by_no_kernel_not_even_an_instructors(hub, ada, ida):
    for token in (ada, ida):
        for path in ("api/class", "api/class.csv", "api/class.jsonl", "api/class.xapi", "board"):
            assert ask("GET", f"{hub.service}{path}", token)[0] == 403, path


def test_an_instructor_writes_only_in_their_own_name(hub, ada, ida):
    before = stored(hub, ada)
    sent = claim()
    assert hub.post(ida, sent)[0] == 201
    assert stored(hub, ada) == before
    assert hub.post(ida, {**claim(), "user": "ada"})[0] == 422
    assert stored(hub, ada) == before


def test_a_learner_erases_their_own_and_nobody_elses(hub, ada, bob):
    hub.post(bob, claim())
    hub.post(ada, claim())
    before = stored(hub, ada, bob)
    assert ask("DELETE", f"{hub.service}api/me", ada) == (200, {"erased": before[0]})
    assert stored(hub, ada, bob) == [0, before[1]]


def test_who_is_taken_out_of_the_class_is_refused_after_the_cache_time(hub):
    token = hub.user("rob", "convlab-students")
    assert hub.post(token, claim())[0] == 201
    hub.api("DELETE", "groups/convlab-students/users", {"users": ["rob"]})
    assert hub.post(token, claim())[0] == 201  # what the hub said two seconds ago is still believed
    assert until(lambda: hub.post(token, claim())[0] == 403, 20)


def test_an_exercise_is_kept_as_the_learners_machine_reports_it(hub, ada):
    assert hub.post(ada, claim(item="02.conv2d", seed=None, outcome="right", response=None))[0] == 201
    row = hub.mine(ada)[-1]
    assert (row["outcome"], row["checked"], row["lesson"], row["kind"]) == ("right", False, "02", "code")


def test_a_question_on_their_own_layer_is_judged_again(hub, ada):
    about = '{"spec": {"in_channels": 3, "out_channels": 8, "kernel_size": [3, 5]}, "input_shape": [1, 3, 32, 48]}'
    sent = claim(item="about-output-shape", response=[1, 8, 30, 44], seed=0, outcome="wrong", about=about)
    assert hub.post(ada, sent)[0] == 201
    row = hub.mine(ada)[-1]
    assert (row["outcome"], row["claimed"], row["checked"]) == ("right", "wrong", True)
